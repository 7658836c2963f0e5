# Live event channels, as shipped, against the double of wevtapi.dll, which goes into the system32
# of the wine prefix.
add_library(wevtapi_double MODULE
	"${PROJECT_SOURCE_DIR}/tests/support/win32/clock.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/eventlog.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/fault.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/wevtapi.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/wevtapi_channel.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/wevtapi_grow.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/wevtapi_query.c"
	"${PROJECT_SOURCE_DIR}/tests/support/win32/wevtapi.def")
target_link_libraries(wevtapi_double PRIVATE ed_policy ed_base)
set_target_properties(wevtapi_double PROPERTIES PREFIX "" OUTPUT_NAME wevtapi
	LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/doubles")

add_executable(wevt_live "${PROJECT_SOURCE_DIR}/tests/win32/wevt_live.c")
target_link_libraries(wevt_live PRIVATE ed_policy ed_wevt ed_live ed_model ed_platform ed_base)
add_test(NAME win32_wevt_live
	COMMAND "${ED_PYTHON3}" -B "${PROJECT_SOURCE_DIR}/tests/win32/wevt_live.py"
		"${ED_WINE_PREFIX}" $<TARGET_FILE:wevtapi_double> $<TARGET_FILE:wevt_live>
		"${CMAKE_CURRENT_BINARY_DIR}/wevt")
set_tests_properties(win32_wevt_live PROPERTIES LABELS win32 TIMEOUT 300
	FIXTURES_REQUIRED wine)

# The whole program following a device whose channels grow. Alone, as it changes keys that others read.
add_test(NAME win32_watch_live
	COMMAND "${ED_PYTHON3}" -B "${PROJECT_SOURCE_DIR}/tests/win32/watch_live.py"
		"${ED_WINE_PREFIX}" $<TARGET_FILE:wevtapi_double> $<TARGET_FILE:espdiag>
		"${ED_HOST_SCENARIO}" "${ED_HOST_ESPDIAG}"
		"${PROJECT_SOURCE_DIR}/tests/scenarios/cases/restart-pending.txt"
		"${CMAKE_CURRENT_BINARY_DIR}/watch")
set_tests_properties(win32_watch_live PROPERTIES LABELS win32 TIMEOUT 600 RUN_SERIAL TRUE
	FIXTURES_REQUIRED wine)
