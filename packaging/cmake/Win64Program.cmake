# What makes a program of the build for Windows ready to be handed out.
include_guard(GLOBAL)

# what packaging/release asks a build folder for
set(ED_BUILT_FOR "${ED_WIN64_ARCHITECTURE}" CACHE INTERNAL "Architecture of the programs")
set(ED_BUILT_BY "${CMAKE_C_COMPILER}" CACHE INTERNAL "Compiler of the programs")

# ed_win64_program(TARGET): manifest, version and messages of the event log; symbols in
# TARGET.exe.debug instead of the program; what was linked in TARGET.exe.map.
function(ed_win64_program target)
	set(ED_MANIFEST "${PROJECT_SOURCE_DIR}/packaging/win64/espdiag.manifest")
	set(messages "${PROJECT_SOURCE_DIR}/packaging/win64/espdiag.mc")
	set(ED_MESSAGES "${CMAKE_CURRENT_BINARY_DIR}/espdiag_MSG00409.bin")
	find_program(ED_WINDMC x86_64-w64-mingw32-windmc REQUIRED)
	execute_process(COMMAND "${ED_WINDMC}" -b -r "${CMAKE_CURRENT_BINARY_DIR}"
		-h "${CMAKE_CURRENT_BINARY_DIR}" "${messages}" COMMAND_ERROR_IS_FATAL ANY)
	set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
		"${messages}")
	configure_file("${PROJECT_SOURCE_DIR}/packaging/win64/espdiag.rc.in"
		"${CMAKE_CURRENT_BINARY_DIR}/${target}.rc" @ONLY)
	# a library of its own: the policy's flags are not for the resource compiler
	add_library(${target}_resource OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${target}.rc")
	target_link_libraries(${target} PRIVATE ${target}_resource)
	target_link_options(${target} PRIVATE "-Wl,-Map=$<TARGET_FILE:${target}>.map")
	set_source_files_properties("${CMAKE_CURRENT_BINARY_DIR}/${target}.rc" PROPERTIES
		OBJECT_DEPENDS "${ED_MANIFEST};${ED_MESSAGES}")
	add_custom_command(TARGET ${target} POST_BUILD
		COMMAND "${CMAKE_OBJCOPY}" --only-keep-debug
			"$<TARGET_FILE:${target}>" "$<TARGET_FILE:${target}>.debug"
		# strip has a time of its own to write
		COMMAND "${CMAKE_COMMAND}" -E env SOURCE_DATE_EPOCH=0
			"${CMAKE_STRIP}" "$<TARGET_FILE:${target}>" VERBATIM)
endfunction()
