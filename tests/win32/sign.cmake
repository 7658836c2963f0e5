# A signature by a certificate of the machine's store, which openssl must accept. For the win64 build.
set(signed "${CMAKE_CURRENT_BINARY_DIR}/signed")
file(MAKE_DIRECTORY "${signed}")
ed_test(test_sign SOURCES "${PROJECT_SOURCE_DIR}/tests/win32/test_sign.c"
	LINK ed_platform ed_base crypt32 advapi32 ARGS "${signed}")
target_compile_definitions(test_sign PRIVATE UNICODE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)
add_test(NAME win32_sign COMMAND "${ED_PYTHON3}" -B "${CMAKE_CURRENT_SOURCE_DIR}/sign.py" "${signed}")
set_tests_properties(test_sign PROPERTIES FIXTURES_SETUP signatures)
set_tests_properties(win32_sign PROPERTIES LABELS win32 FIXTURES_REQUIRED signatures)
