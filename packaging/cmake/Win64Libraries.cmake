# The static libraries of the build for Windows, made by packaging/win64/build-libraries when they
# are missing or out of date.
include_guard(GLOBAL)

set(ED_WIN64_LIBRARIES "${PROJECT_SOURCE_DIR}/build/win64-libraries" CACHE PATH
	"Where build-libraries puts the static libraries for Windows")
execute_process(
	COMMAND "${PROJECT_SOURCE_DIR}/packaging/win64/build-libraries" "${ED_WIN64_LIBRARIES}"
	RESULT_VARIABLE result)
if(NOT result EQUAL 0)
	message(FATAL_ERROR "the libraries for Windows could not be built; the reason is above")
endif()
# a change of these needs other libraries
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
	"${PROJECT_SOURCE_DIR}/packaging/win64/build-libraries"
	"${PROJECT_SOURCE_DIR}/packaging/win64/sources.sha256"
	"${PROJECT_SOURCE_DIR}/packaging/win64/libraries/CMakeLists.txt")

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

# from a package; the name with .a keeps the linker from the DLL's import library beside it
find_library(ED_WIN64_ZLIB libz.a REQUIRED)
add_library(ZLIB::ZLIB STATIC IMPORTED GLOBAL)
set_target_properties(ZLIB::ZLIB PROPERTIES IMPORTED_LOCATION "${ED_WIN64_ZLIB}")
ed_win64_library(LibXml2::LibXml2 xml2 DEFINITIONS LIBXML_STATIC)
ed_win64_library(LibArchive::LibArchive archive DEFINITIONS LIBARCHIVE_STATIC LINK ZLIB::ZLIB)
ed_win64_library(Jansson::jansson jansson)
ed_win64_library(Check::check check LINK pthread)
