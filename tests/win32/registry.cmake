# The jobs of collectors/registry, collectors/files and collectors/identity as they ship, over keys
# and files that the test makes under wine and takes away again. For the win64 build.
ed_test(test_registry_system SOURCES "${PROJECT_SOURCE_DIR}/tests/win32/test_registry_system.c"
	LINK ed_registry ed_files ed_identity ed_reg ed_evtx_build advapi32)
target_include_directories(test_registry_system PRIVATE "${PROJECT_SOURCE_DIR}/tests/unit")
target_compile_definitions(test_registry_system PRIVATE
	UNICODE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)
