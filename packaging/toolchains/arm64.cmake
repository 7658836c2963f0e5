# Windows on arm64 from Linux, by Debian's clang and lld, with mingw-w64 compiled from its source by
# packaging/win64/build-libraries and Windows' own C library (UCRT). Its programs do not run here; twin.cmake
# is the same for a processor that does.
set(CMAKE_SYSTEM_NAME Windows)
if(NOT ED_WIN64_ARCHITECTURE)
	set(ED_WIN64_ARCHITECTURE arm64)
	set(CMAKE_SYSTEM_PROCESSOR aarch64)
endif()
set(triple ${CMAKE_SYSTEM_PROCESSOR}-w64-mingw32)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(ED_WIN64_LIBRARIES "${root}/build/${ED_WIN64_ARCHITECTURE}-libraries" CACHE PATH
	"Where build-libraries puts the static libraries for Windows")
# the one place with its version is the list of packages
file(STRINGS "${root}/packaging/packages.txt" llvm REGEX "^arm64 +clang-")
string(REGEX REPLACE ".*-" "" llvm "${llvm}")
set(CMAKE_C_COMPILER clang-${llvm})
foreach(tool IN ITEMS clang-${llvm} ld.lld-${llvm} llvm-objcopy-${llvm})
	find_program(found ${tool} NO_CACHE)
	if(NOT found)
		message(FATAL_ERROR "'${tool}' is missing: run packaging/install-packages build win64 arm64")
	endif()
	unset(found)
endforeach()
set(CMAKE_C_COMPILER_TARGET ${triple})
set(CMAKE_AR llvm-ar-${llvm})
set(CMAKE_RANLIB llvm-ranlib-${llvm})
set(CMAKE_STRIP llvm-strip-${llvm})
set(CMAKE_OBJCOPY llvm-objcopy-${llvm})
set(ED_DLLTOOL llvm-dlltool-${llvm})
set(CMAKE_RC_COMPILER llvm-windres-${llvm})
set(CMAKE_RC_FLAGS_INIT "--target=${triple}")
set(CMAKE_RC_STANDARD_INCLUDE_DIRECTORIES "${ED_WIN64_LIBRARIES}/${triple}/include")
set(CMAKE_SYSROOT "${ED_WIN64_LIBRARIES}")
# asked before there is anything to link with
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# Calls through pointers go to functions only (CFG): in the libraries and the runtime too.
set(CMAKE_C_FLAGS_INIT "-mguard=cf")
# Only what is named is linked; no jumps over frames, so no table of where they may land.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=lld-${llvm} -nostdlib -Wl,--no-guard-longjmp")
set(CMAKE_C_STANDARD_LIBRARIES "-lmingw32 -lmingwex -lucrt_more -lucrt -lguard -ladvapi32 -lkernel32 \
-L/usr/lib/llvm-${llvm}/lib/clang/${llvm}/lib/windows -lclang_rt.builtins-${CMAKE_SYSTEM_PROCESSOR}" CACHE STRING
	"What every program is linked with")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g -DNDEBUG" CACHE STRING "Flags of the release build")
