# Windows on arm64 from Linux. Its programs do not run here.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(ED_WIN64_ARCHITECTURE arm64)
include("${CMAKE_CURRENT_LIST_DIR}/clang.cmake")
