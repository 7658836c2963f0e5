# The Task Scheduler, played by a double of its interface. For the win64 build.
ed_test(test_scheduler SOURCES "${PROJECT_SOURCE_DIR}/tests/win32/test_scheduler.c"
	LINK ed_install oleaut32)
target_include_directories(test_scheduler PRIVATE "${PROJECT_SOURCE_DIR}/agent/install/win32")
target_compile_definitions(test_scheduler PRIVATE UNICODE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)
