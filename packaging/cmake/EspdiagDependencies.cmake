# Every third-party library as an imported target; nothing else looks for libraries.
include_guard(GLOBAL)

find_package(LibXml2 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibArchive REQUIRED)
find_package(Jansson REQUIRED)
if(ED_BUILD_TESTS)
	find_package(Check REQUIRED)
endif()
