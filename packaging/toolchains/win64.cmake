# 64-bit Windows from Linux, with Debian's mingw-w64. Programs run under wine.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(ED_WIN64_ARCHITECTURE x64)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(ED_WIN64_LIBRARIES "${root}/build/win64-libraries" CACHE PATH
	"Where build-libraries puts the static libraries for Windows")
# the one with threads of Windows itself: the other one needs another library
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-win32)
find_program(compiler ${CMAKE_C_COMPILER} NO_CACHE)
if(NOT compiler)
	message(FATAL_ERROR "'${CMAKE_C_COMPILER}' is missing: run packaging/install-packages build win64")
endif()
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# only what is named is linked
set(CMAKE_C_STANDARD_LIBRARIES_INIT "")
# pkg-config must not answer with the host's libraries.
set(ENV{PKG_CONFIG_LIBDIR} /usr/x86_64-w64-mingw32/lib/pkgconfig)
# Not CMake's -O3: it is larger, and gcc then guesses wrong about what is initialized.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g -DNDEBUG" CACHE STRING "Flags of the release build")
