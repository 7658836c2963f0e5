# The build for arm64 in all but the processor, so that it runs under wine: tests/package/twin.
set(ED_WIN64_ARCHITECTURE twin)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
include("${CMAKE_CURRENT_LIST_DIR}/arm64.cmake")
