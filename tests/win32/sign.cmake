# A signature by a certificate of the machine's store, which openssl must accept. For the win64 build.
set(signed "${CMAKE_CURRENT_BINARY_DIR}/signed")
file(MAKE_DIRECTORY "${signed}")
ed_test(test_sign SOURCES "${PROJECT_SOURCE_DIR}/tests/win32/test_sign.c"
		"${PROJECT_SOURCE_DIR}/tests/win32/certificate.c"
	LINK ed_platform ed_base crypt32 advapi32 ARGS "${signed}")
add_executable(certificate_hold "${PROJECT_SOURCE_DIR}/tests/win32/certificate_hold.c"
	"${PROJECT_SOURCE_DIR}/tests/win32/certificate.c")
target_link_libraries(certificate_hold PRIVATE ed_policy crypt32 advapi32)
foreach(target IN ITEMS test_sign certificate_hold)
	target_compile_definitions(${target} PRIVATE UNICODE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN)
endforeach()
add_test(NAME win32_sign COMMAND "${ED_PYTHON3}" -B "${CMAKE_CURRENT_SOURCE_DIR}/sign.py" "${signed}")
set_tests_properties(test_sign PROPERTIES FIXTURES_SETUP signatures)
set_tests_properties(win32_sign PROPERTIES LABELS win32 FIXTURES_REQUIRED signatures)

# The whole way: a run that signs, and openssl over what is in its bundle.
add_test(NAME win32_sign_bundle
	COMMAND "${ED_PYTHON3}" -B "${CMAKE_CURRENT_SOURCE_DIR}/sign_bundle.py" ${live_device}
		--prefix "${ED_WINE_PREFIX}-sign" --hold $<TARGET_FILE:certificate_hold>)
set_tests_properties(win32_sign_bundle PROPERTIES LABELS win32 TIMEOUT 300 FIXTURES_REQUIRED wine)
