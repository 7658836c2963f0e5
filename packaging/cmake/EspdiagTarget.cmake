# The one place that sets compiler flags, and the two functions every folder uses.
include_guard(GLOBAL)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(ed_policy INTERFACE)
target_include_directories(ed_policy INTERFACE "${PROJECT_SOURCE_DIR}/include")
if(MSVC)
	include(EspdiagMsvc)
	ed_msvc_policy(ed_policy)
else()
	target_compile_options(ed_policy INTERFACE
		-Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion
		-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla -Wundef
		-Wcast-qual -Wwrite-strings -Wswitch-enum -Wformat=2
		-fstack-protector-strong -fvisibility=hidden -ffunction-sections -fdata-sections)
	target_link_options(ed_policy INTERFACE -fstack-protector-strong -Wl,--gc-sections)
	if(WIN32)
		target_compile_options(ed_policy INTERFACE
			"SHELL:-include \"${PROJECT_SOURCE_DIR}/agent/platform/win32/headers.h\"")
		# the same bytes from every folder, and no DLL that is not Windows' own
		target_compile_options(ed_policy INTERFACE "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=."
			"-ffile-prefix-map=${PROJECT_BINARY_DIR}=.")
		target_compile_definitions(ed_policy INTERFACE _FORTIFY_SOURCE=2 __USE_MINGW_ANSI_STDIO=1)
		target_link_options(ed_policy INTERFACE -static -Wl,--no-insert-timestamp
			-Wl,--dynamicbase,--nxcompat,--high-entropy-va)
	endif()
	target_compile_options(ed_policy INTERFACE "SHELL:-include espdiag/base/banned.h")
endif()
if(ED_ARENA_DEBUG)
	target_compile_definitions(ed_policy INTERFACE ED_ARENA_DEBUG=1)
endif()
if(NOT ED_SANITIZE STREQUAL "")
	target_compile_options(ed_policy INTERFACE "-fsanitize=${ED_SANITIZE}"
		-fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(ed_policy INTERFACE "-fsanitize=${ED_SANITIZE}")
endif()
if(ED_LIBFUZZER)
	target_compile_options(ed_policy INTERFACE -fsanitize=fuzzer-no-link)
	target_link_options(ed_policy INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ed_library(NAME SOURCES a.c b.c [LINK targets] [PRIVATE_LINK targets])
# A static library; LINK is what its users need too, PRIVATE_LINK stays inside (third-party libraries).
function(ed_library name)
	cmake_parse_arguments(arg "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
	add_library(${name} STATIC ${arg_SOURCES})
	target_link_libraries(${name} PUBLIC ${arg_LINK} PRIVATE ed_policy ${arg_PRIVATE_LINK})
	target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/include")
endfunction()

# Programs for Windows that are built elsewhere run under wine, in a prefix of the build folder's own.
if(WIN32 AND CMAKE_CROSSCOMPILING)
	set(ED_WINE_PREFIX "${PROJECT_BINARY_DIR}/wine")
	set(CMAKE_CROSSCOMPILING_EMULATOR
		"${PROJECT_SOURCE_DIR}/tests/win32/wine-run;${ED_WINE_PREFIX}")
endif()

# valgrind and the sanitizers do not mix, so its tests exist in plain builds only.
if(ED_SANITIZE STREQUAL "" AND NOT CMAKE_CROSSCOMPILING)
	find_program(ED_VALGRIND valgrind)
endif()

set(ED_CHECK_OPTIONS -Wno-format-nonliteral -Wno-pedantic)
if(MSVC)
	# a test that takes no number leaves Check's unused
	set(ED_CHECK_OPTIONS /WX- /wd4100)
endif()

# ed_test(NAME SOURCES test_x.c [LINK targets] [LABELS l] [ARGS ...] [POSIX macro] [HEAVY])
# One Check executable a module. Where valgrind is at hand a second test, labelled valgrind, runs the
# same program under it, unless the program is HEAVY: seconds become minutes there, and the
# sanitizers see it anyway. POSIX names the macro that shows the test POSIX; such a test is neither
# built nor run for Windows.
function(ed_test name)
	cmake_parse_arguments(arg "HEAVY" "POSIX" "SOURCES;LINK;LABELS;ARGS" ${ARGN})
	if(WIN32 AND arg_POSIX)
		# there only so that what is said about it later finds it
		add_executable(${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
		return()
	endif()
	add_executable(${name} ${arg_SOURCES})
	target_link_libraries(${name} PRIVATE ed_policy ${arg_LINK} Check::check)
	target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support")
	# Check's macros call printf-like functions with formats the strict set dislikes.
	target_compile_options(${name} PRIVATE ${ED_CHECK_OPTIONS})
	target_compile_definitions(${name} PRIVATE ${arg_POSIX})
	add_test(NAME ${name} COMMAND ${name} ${arg_ARGS})
	set_tests_properties(${name} PROPERTIES LABELS "unit;${arg_LABELS}" TIMEOUT 600)
	if(WIN32)
		set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED wine)
	endif()
	if(ED_VALGRIND AND NOT arg_HEAVY)
		add_test(NAME valgrind.${name}
			COMMAND "${ED_VALGRIND}" -q --error-exitcode=9 --leak-check=full
				$<TARGET_FILE:${name}> ${arg_ARGS})
		set_tests_properties(valgrind.${name} PROPERTIES
			LABELS valgrind ENVIRONMENT CK_FORK=no TIMEOUT 900)
	endif()
endfunction()

# ed_fuzz(NAME SOURCES fuzz_x.c [LINK targets])
# The test replays tests/fuzz/corpus/<NAME>. With clang's libFuzzer (ED_LIBFUZZER) the program can
# also look for new inputs; give it a scratch folder before the seeds, for it writes into the first.
function(ed_fuzz name)
	cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
	add_executable(${name} ${arg_SOURCES})
	target_link_libraries(${name} PRIVATE ed_policy ${arg_LINK})
	target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support")
	set(replay)
	if(ED_LIBFUZZER)
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
		set(replay -runs=0)
	else()
		target_link_libraries(${name} PRIVATE ed_fuzz_standalone)
	endif()
	add_test(NAME ${name}
		COMMAND ${name} ${replay} "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
	set_tests_properties(${name} PROPERTIES LABELS "fuzz" TIMEOUT 300)
endfunction()
