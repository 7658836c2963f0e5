# The static libraries of the build for Windows, made by packaging/win64/build-libraries when they
# are missing or out of date.
include_guard(GLOBAL)

cmake_path(GET CMAKE_TOOLCHAIN_FILE STEM toolchain)
execute_process(
	COMMAND "${PROJECT_SOURCE_DIR}/packaging/win64/build-libraries" "${toolchain}"
		"${ED_WIN64_LIBRARIES}"
	RESULT_VARIABLE result)
if(NOT result EQUAL 0)
	message(FATAL_ERROR "the libraries for Windows could not be built; the reason is above")
endif()
# a change of these needs other libraries
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
	"${PROJECT_SOURCE_DIR}/packaging/win64/build-libraries"
	"${PROJECT_SOURCE_DIR}/packaging/win64/sources.sha256"
	"${PROJECT_SOURCE_DIR}/packaging/win64/libraries/CMakeLists.txt"
	"${PROJECT_SOURCE_DIR}/packaging/win64/runtime/CMakeLists.txt"
	"${PROJECT_SOURCE_DIR}/packaging/win64/runtime/guard.c")

# ed_win64_library(TARGET NAME [DEFINITIONS ...] [LINK ...])
function(ed_win64_library target name)
	cmake_parse_arguments(arg "" "" "DEFINITIONS;LINK" ${ARGN})
	add_library(${target} STATIC IMPORTED GLOBAL)
	set_target_properties(${target} PROPERTIES
		IMPORTED_LOCATION "${ED_WIN64_LIBRARIES}/lib/lib${name}.a"
		INTERFACE_INCLUDE_DIRECTORIES "${ED_WIN64_LIBRARIES}/include"
		INTERFACE_COMPILE_DEFINITIONS "${arg_DEFINITIONS}"
		INTERFACE_LINK_LIBRARIES "${arg_LINK}")
endfunction()

ed_win64_library(ZLIB::ZLIB z)
ed_win64_library(LibXml2::LibXml2 xml2 DEFINITIONS LIBXML_STATIC)
ed_win64_library(LibArchive::LibArchive archive DEFINITIONS LIBARCHIVE_STATIC LINK ZLIB::ZLIB)
ed_win64_library(Jansson::jansson jansson)
if(ED_BUILD_TESTS)
	ed_win64_library(Check::check check LINK pthread)
endif()
