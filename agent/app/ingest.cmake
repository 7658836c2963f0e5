# The way from a PATH to evidence, apart from the program so that its tests can link it.
ed_library(ed_ingest
	SOURCES "${CMAKE_CURRENT_LIST_DIR}/ingest.c" "${CMAKE_CURRENT_LIST_DIR}/deadline.c"
	LINK ed_base ed_model ed_input ed_bundle
	PRIVATE_LINK ed_platform)
target_include_directories(ed_ingest PUBLIC "${CMAKE_CURRENT_LIST_DIR}")
