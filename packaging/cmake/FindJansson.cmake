# Finds jansson by pkg-config (Debian ships no CMake package for it) as the imported target Jansson::jansson.
find_package(PkgConfig REQUIRED)
pkg_check_modules(ED_Jansson IMPORTED_TARGET GLOBAL jansson)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Jansson REQUIRED_VARS ED_Jansson_FOUND VERSION_VAR ED_Jansson_VERSION)
if(Jansson_FOUND AND NOT TARGET Jansson::jansson)
	add_library(Jansson::jansson ALIAS PkgConfig::ED_Jansson)
endif()
