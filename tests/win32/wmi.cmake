# The doubles of WMI and of tbs.dll, and the jobs that ask them, as they ship. For the win64 build.
add_library(wbem_double MODULE
	"${PROJECT_SOURCE_DIR}/tests/support/win32/wbem_double.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/wbem_model.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/wbem_double.def")
add_library(tbs_double MODULE
	"${PROJECT_SOURCE_DIR}/tests/support/win32/tbs_double.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/tbs_double.def")
foreach(double IN ITEMS wbem_double tbs_double)
	target_compile_options(${double} PRIVATE -Wall -Wextra -Werror)
	target_compile_definitions(${double} PRIVATE UNICODE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)
	target_link_options(${double} PRIVATE -static)
	set_target_properties(${double} PROPERTIES PREFIX ""
		LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/doubles")
endforeach()
target_link_libraries(wbem_double PRIVATE oleaut32 wbemuuid uuid)
set_target_properties(tbs_double PROPERTIES OUTPUT_NAME tbs)

file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/wmi")
# it puts the doubles into the prefix itself
ed_test(test_wmi_system
	SOURCES "${PROJECT_SOURCE_DIR}/tests/win32/test_wmi_system.c"
		"${PROJECT_SOURCE_DIR}/tests/unit/test_wmi_fake.c"
	LINK ed_volume ed_tpm ed_evtx_build ed_model advapi32
	ARGS "$<TARGET_FILE:wbem_double>" "$<TARGET_FILE:tbs_double>"
		"${CMAKE_CURRENT_BINARY_DIR}/wmi")
target_include_directories(test_wmi_system PRIVATE "${PROJECT_SOURCE_DIR}/tests/unit")
target_compile_definitions(test_wmi_system PRIVATE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)

# The whole program, with a WMI that knows, denies or hangs.
set(live_stories)
foreach(case IN ITEMS live-confirms live-encrypting live-no-events live-suspended)
	list(APPEND live_stories "${PROJECT_SOURCE_DIR}/tests/scenarios/cases/${case}.txt")
endforeach()
add_test(NAME win32_live_volume
	COMMAND "${ED_PYTHON3}" -B "${CMAKE_CURRENT_SOURCE_DIR}/live_volume.py"
		--exe $<TARGET_FILE:espdiag> --scenario "${ED_HOST_SCENARIO}"
		--prefix "${ED_WINE_PREFIX}" --double $<TARGET_FILE:wbem_double> ${live_stories})
set_tests_properties(win32_live_volume PROPERTIES LABELS win32 TIMEOUT 300
	FIXTURES_REQUIRED wine)
