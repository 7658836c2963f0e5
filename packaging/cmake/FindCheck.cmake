# Finds check by pkg-config (Debian ships no CMake package for it) as the imported target Check::check.
find_package(PkgConfig REQUIRED)
pkg_check_modules(ED_Check IMPORTED_TARGET GLOBAL check)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Check REQUIRED_VARS ED_Check_FOUND VERSION_VAR ED_Check_VERSION)
if(Check_FOUND AND NOT TARGET Check::check)
	add_library(Check::check ALIAS PkgConfig::ED_Check)
endif()
