# What the program gives up, keeps for itself and does not follow. For the win64 build.
ed_test(test_least SOURCES "${PROJECT_SOURCE_DIR}/tests/win32/test_least.c"
	LINK ed_platform ed_base advapi32)
target_compile_definitions(test_least PRIVATE UNICODE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)
target_include_directories(test_least PRIVATE "${PROJECT_SOURCE_DIR}/agent/platform")
