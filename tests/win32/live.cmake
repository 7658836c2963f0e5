# The whole program as a device runs it. Each test has its own copy of the prefix: they run side by
# side.
add_executable(key_rights "${PROJECT_SOURCE_DIR}/tests/win32/key_rights.c")
target_compile_definitions(key_rights PRIVATE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)
target_link_libraries(key_rights PRIVATE ed_policy advapi32)
add_dependencies(key_rights wevtapi_double tbs_double wbem_double)

file(GLOB live_stories CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/scenarios/cases/*.txt")
set(live_device --exe $<TARGET_FILE:espdiag> --espdiag "${ED_HOST_ESPDIAG}"
	--scenario "${ED_HOST_SCENARIO}" --base "${ED_WINE_PREFIX}"
	--doubles "${PROJECT_BINARY_DIR}/doubles")

foreach(part IN ITEMS 1 2)
	add_test(NAME win32_live_cases_${part}
		COMMAND "${ED_PYTHON3}" -B "${CMAKE_CURRENT_SOURCE_DIR}/live_cases.py"
			${live_device} --prefix "${ED_WINE_PREFIX}-cases-${part}" --part ${part}/2
			${live_stories})
	set_tests_properties(win32_live_cases_${part} PROPERTIES LABELS win32 TIMEOUT 900
		FIXTURES_REQUIRED wine)
endforeach()
foreach(run IN ITEMS faults calls memory traces kills)
	add_test(NAME win32_live_${run}
		COMMAND "${ED_PYTHON3}" -B "${CMAKE_CURRENT_SOURCE_DIR}/live_runs.py"
			${live_device} --prefix "${ED_WINE_PREFIX}-${run}"
			--key-rights $<TARGET_FILE:key_rights> ${run})
	set_tests_properties(win32_live_${run} PROPERTIES LABELS win32 TIMEOUT 300
		FIXTURES_REQUIRED wine)
endforeach()
# One call fails in each run.
add_test(NAME win32_live_call_faults
	COMMAND "${ED_PYTHON3}" -B "${CMAKE_CURRENT_SOURCE_DIR}/live_faults.py"
		${live_device} --prefix "${ED_WINE_PREFIX}-live-faults")
set_tests_properties(win32_live_call_faults PROPERTIES LABELS win32 TIMEOUT 600
	FIXTURES_REQUIRED wine)

# Nothing but what lies in System32 is loaded.
add_library(planted MODULE "${PROJECT_SOURCE_DIR}/tests/win32/planted.c")
add_executable(planted_load "${PROJECT_SOURCE_DIR}/tests/win32/planted_load.c")
foreach(target IN ITEMS planted planted_load)
	target_compile_definitions(${target} PRIVATE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)
	target_link_libraries(${target} PRIVATE ed_policy)
endforeach()
add_test(NAME win32_planted
	COMMAND "${ED_PYTHON3}" -B "${CMAKE_CURRENT_SOURCE_DIR}/planted.py" ${live_device}
		--prefix "${ED_WINE_PREFIX}-planted" --plant $<TARGET_FILE:planted>
		--careless $<TARGET_FILE:planted_load>)
set_tests_properties(win32_planted PROPERTIES LABELS win32 TIMEOUT 300 FIXTURES_REQUIRED wine)
