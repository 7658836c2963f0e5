# The native build with Microsoft's compiler, 17.8 or newer, and libraries from vcpkg by the manifest in
# packaging/msvc. Not yet run: .github/workflows/windows.yml is where it would. Configured once with clang-cl.
include_guard(GLOBAL)

# one file beside System32's DLLs: the runtime is linked in, as vcpkg's x64-windows-static does
set(CMAKE_MSVC_RUNTIME_LIBRARY MultiThreaded)

# ed_msvc_policy(TARGET): flags and mitigations, as near as they go to those of the other compilers.
function(ed_msvc_policy target)
	target_compile_options(${target} INTERFACE /W4 /WX /utf-8
		# atomics are behind a switch of their own
		/experimental:c11atomics
		# flexible arrays, values that are known only then in initialisers: all of it is C11
		/wd4200 /wd4204 /wd4221
		# a constant condition is a table row or an ED_ macro
		/wd4127
		/GS /guard:cf /Qspectre /Gy /Brepro
		"/FI${PROJECT_SOURCE_DIR}/include/espdiag/base/banned.h")
	target_compile_definitions(${target} INTERFACE
		_CRT_SECURE_NO_WARNINGS _CRT_NONSTDC_NO_WARNINGS)
	target_link_options(${target} INTERFACE /GUARD:CF /DYNAMICBASE /NXCOMPAT /HIGHENTROPYVA /CETCOMPAT
		/DEPENDENTLOADFLAG:0x800 /OPT:REF /Brepro /MANIFEST:NO)
endfunction()

# ed_msvc_libraries(): every third-party library as the imported target that the folders name.
macro(ed_msvc_libraries)
	find_package(LibXml2 REQUIRED)
	find_package(ZLIB REQUIRED)
	find_package(LibArchive REQUIRED)
	# not our FindJansson.cmake and FindCheck.cmake, which ask pkg-config
	find_package(jansson CONFIG REQUIRED)
	add_library(Jansson::jansson INTERFACE IMPORTED)
	target_link_libraries(Jansson::jansson INTERFACE jansson::jansson)
	if(ED_BUILD_TESTS)
		find_package(check CONFIG REQUIRED)
	endif()
endmacro()

# ed_win64_program(TARGET): manifest, version and messages of the event log.
function(ed_win64_program target)
	set(ED_MANIFEST "${PROJECT_SOURCE_DIR}/packaging/win64/espdiag.manifest")
	set(ED_MESSAGES "${CMAKE_CURRENT_BINARY_DIR}/espdiag_MSG00409.bin")
	find_program(ED_MC mc REQUIRED)
	execute_process(COMMAND "${ED_MC}" -b -r "${CMAKE_CURRENT_BINARY_DIR}"
		-h "${CMAKE_CURRENT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}/packaging/win64/espdiag.mc"
		COMMAND_ERROR_IS_FATAL ANY)
	configure_file("${PROJECT_SOURCE_DIR}/packaging/win64/espdiag.rc.in"
		"${CMAKE_CURRENT_BINARY_DIR}/${target}.rc" @ONLY)
	# a library of its own: the policy's flags are not for the resource compiler
	add_library(${target}_resource OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${target}.rc")
	target_link_libraries(${target} PRIVATE ${target}_resource)
	set_source_files_properties("${CMAKE_CURRENT_BINARY_DIR}/${target}.rc" PROPERTIES
		OBJECT_DEPENDS "${ED_MANIFEST};${ED_MESSAGES}")
endfunction()
