# hilum_library(): one folder of src/ as a static library that sees only the folders it may see.
#
#   hilum_library(nn DEPS ops LIBS fmt::fmt)
#
# DEPS name other folders; what is visible is their transitive closure. Each target gets an include root
# of its own, ${build}/include/<target>, that holds links to the headers of exactly those folders, so
# `#include "kernels/kernel_table.h"` in models/ does not compile. scripts/check_layers tests the table.
#
# Sources are found: *.cpp of the folder (not of its subfolders), without *_test, *_bench, *_fuzz.
# Tests (*_test.cpp) become one executable per folder, hilum_<name>_test; ctest knows each TEST by its name, and by the folder as its label.

function(hilum_target_name OUT FOLDER)
  string(REPLACE "/" "_" name ${FOLDER})
  set(${OUT} hilum_${name} PARENT_SCOPE)
endfunction()

# The folders FOLDER may include: itself and the closure of its DEPS.
function(hilum_visible OUT FOLDER)
  set(seen ${FOLDER})
  set(queue ${ARGN})
  while(queue)
    list(POP_FRONT queue next)
    if(NOT next IN_LIST seen)
      list(APPEND seen ${next})
      get_property(more GLOBAL PROPERTY hilum_deps_${next})
      list(APPEND queue ${more})
    endif()
  endwhile()
  set(${OUT} ${seen} PARENT_SCOPE)
endfunction()

# An include root for TARGET with links to the headers of the FOLDERS.
function(hilum_include_root TARGET)
  set(root ${CMAKE_BINARY_DIR}/include/${TARGET})
  file(REMOVE_RECURSE ${root})
  foreach(folder IN LISTS ARGN)
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.h)
    file(MAKE_DIRECTORY ${root}/${folder})
    foreach(header IN LISTS headers)
      get_filename_component(file ${header} NAME)
      file(CREATE_LINK ${header} ${root}/${folder}/${file} SYMBOLIC)
    endforeach()
  endforeach()
  target_include_directories(${TARGET} PRIVATE ${root})
endfunction()

function(hilum_warnings TARGET)
  target_compile_options(${TARGET} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)  # false alarms on "literal" + string (gcc bug 105651)
    target_compile_options(${TARGET} PRIVATE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)  # finds libstdc++'s own in std::stable_sort; gcc looks at ours
    target_compile_options(${TARGET} PRIVATE -Wno-deprecated-declarations)
  endif()
  if(HILUM_WERROR)
    target_compile_options(${TARGET} PRIVATE -Werror)
  endif()
  if(HILUM_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)  # its checks hide from gcc what was set before (gcc's manual says so); <regex> is full of it
    target_compile_options(${TARGET} PRIVATE -Wno-maybe-uninitialized)
  endif()
  if(HILUM_SANITIZE)
    target_compile_options(${TARGET} PRIVATE -fsanitize=${HILUM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    target_link_options(${TARGET} PRIVATE -fsanitize=${HILUM_SANITIZE})
  endif()
endfunction()

# Where numbers and pixels are worked on: what the optimiser is worth its time for, under a sanitizer too.
set(hilum_computing "^hilum_(kernels|ops|nn|tensor|archive|text|image|canvas|plot|phantom|models|generation|search)(_|$)")

# Tests are compiled with less optimisation than what they test, and without libFuzzer's counters: half of a clean build is theirs. Under a
# sanitizer what computes little is not optimised at all, tests or not. After hilum_warnings.
function(hilum_less_optimisation TARGET)
  if(HILUM_SANITIZE)
    if(NOT "${TARGET}" MATCHES "${hilum_computing}")
      target_compile_options(${TARGET} PRIVATE -O0)
    endif()
    if("${TARGET}" MATCHES "_test(_main)?$" AND HILUM_SANITIZE MATCHES fuzzer-no-link)
      target_compile_options(${TARGET} PRIVATE -fno-sanitize=fuzzer-no-link)
    endif()
  elseif("${TARGET}" MATCHES "_test(_main)?$")
    target_compile_options(${TARGET} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# The heavy headers of other projects, compiled once for most folders and once for their tests (HILUM_PCH). Every file still includes what it
# uses: builds with a compiler cache have no such header. Kernels and what needs libtorch compile with other flags and stay without it.
function(hilum_precompile TARGET)
  if(NOT HILUM_PCH OR "${TARGET}" MATCHES "^hilum_(kernels|ops_torch|train)(_test)?$")
    return()
  elseif(HILUM_SANITIZE AND "${TARGET}" MATCHES "${hilum_computing}")
    return()                                               # optimised otherwise than the header
  elseif("${TARGET}" MATCHES "_test$")
    target_precompile_headers(${TARGET} REUSE_FROM hilum_test_main)
  elseif("${TARGET}" STREQUAL hilum_base)
    target_precompile_headers(hilum_base PRIVATE <nlohmann/json.hpp> <fmt/format.h> <algorithm> <filesystem> <functional>
      <map> <memory> <optional> <span> <string> <unordered_map> <vector>)
  else()
    target_precompile_headers(${TARGET} REUSE_FROM hilum_base)
  endif()
endfunction()

function(hilum_library FOLDER)
  cmake_parse_arguments(ARG "OBJECT" "" "DEPS;LIBS;SOURCES;TEST_DEPS;TEST_LIBS" ${ARGN})
  hilum_target_name(target ${FOLDER})
  set_property(GLOBAL PROPERTY hilum_deps_${FOLDER} ${ARG_DEPS})
  set_property(GLOBAL APPEND PROPERTY hilum_folders ${FOLDER})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${FOLDER}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")
  list(APPEND sources ${ARG_SOURCES})
  if(NOT sources)  # a folder of headers alone
    set(empty ${CMAKE_BINARY_DIR}/empty/${target}.cpp)
    file(GENERATE OUTPUT ${empty} CONTENT "// ${FOLDER} has headers alone.\n")
    set(sources ${empty})
  endif()
  if(ARG_OBJECT)
    add_library(${target} OBJECT ${sources})
  else()
    add_library(${target} STATIC ${sources})
    set_property(GLOBAL APPEND PROPERTY hilum_static_targets ${target})
  endif()
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  hilum_warnings(${target})
  hilum_less_optimisation(${target})
  hilum_precompile(${target})
  hilum_visible(visible ${FOLDER} ${ARG_DEPS})
  hilum_include_root(${target} ${visible})
  string(REPLACE ";" " " visible_line "${visible}")
  set_property(GLOBAL APPEND PROPERTY hilum_layer_lines "${FOLDER}: ${visible_line} ")
  foreach(dep IN LISTS ARG_DEPS)
    hilum_target_name(dep_target ${dep})
    target_link_libraries(${target} PUBLIC ${dep_target})
  endforeach()
  target_link_libraries(${target} PUBLIC ${ARG_LIBS})

  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${FOLDER}/*_test.cpp)
  if(HILUM_TESTS AND tests AND (NOT HILUM_TEST_FOLDERS OR ${FOLDER} IN_LIST HILUM_TEST_FOLDERS))
    hilum_test_executable(${target}_test FOLDER ${FOLDER} SOURCES ${tests}
      DEPS ${FOLDER} ${ARG_DEPS} ${ARG_TEST_DEPS} LIBS ${ARG_TEST_LIBS})
    if(ARG_OBJECT)
      target_sources(${target}_test PRIVATE $<TARGET_OBJECTS:${target}>)
    endif()
  endif()
  file(GLOB benches CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${FOLDER}/*_bench.cpp)
  if(HILUM_BENCH AND benches)
    add_executable(${target}_bench ${benches})
    set_target_properties(${target}_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench UNITY_BUILD OFF)
    hilum_warnings(${target}_bench)
    hilum_visible(bench_visible ${FOLDER} ${ARG_DEPS} ${ARG_TEST_DEPS})
    hilum_include_root(${target}_bench ${bench_visible})
    target_link_libraries(${target}_bench PRIVATE ${target} benchmark::benchmark benchmark::benchmark_main)
  endif()
  file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${FOLDER}/*_fuzz.cpp)
  foreach(fuzzer IN LISTS fuzzers)
    get_filename_component(name ${fuzzer} NAME_WE)
    if(HILUM_FUZZ)
      add_executable(${name} ${fuzzer})
      set_property(GLOBAL APPEND PROPERTY hilum_fuzz_targets ${name})
      set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${name} PRIVATE -fPIC)
      target_link_options(${name} PRIVATE -fsanitize=fuzzer)
      hilum_warnings(${name})
      hilum_less_optimisation(${name})
      hilum_precompile(${name})
      hilum_include_root(${name} ${visible})
      target_link_libraries(${name} PRIVATE ${target})
    endif()
  endforeach()
endfunction()

# One GoogleTest executable. Tests may read testdata/ and shared/ (HILUM_TESTDATA, HILUM_SHARED).
function(hilum_test_executable TARGET)
  cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${TARGET} ${ARG_SOURCES})
  set_target_properties(${TARGET} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  # Compiled as a library is, as hilum_test_main is: cmake's flag for executables (-fPIE) would refuse its precompiled header.
  set_target_properties(${TARGET} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${TARGET} PRIVATE -fPIC)
  hilum_warnings(${TARGET})
  hilum_less_optimisation(${TARGET})
  hilum_precompile(${TARGET})
  hilum_visible(visible ${ARG_FOLDER} ${ARG_DEPS})
  hilum_include_root(${TARGET} ${visible})
  foreach(dep IN LISTS ARG_DEPS)
    hilum_target_name(dep_target ${dep})
    target_link_libraries(${TARGET} PRIVATE ${dep_target})
  endforeach()
  target_link_libraries(${TARGET} PRIVATE ${ARG_LIBS} hilum_test_main GTest::gtest GTest::gmock)
  target_compile_definitions(${TARGET} PRIVATE
    HILUM_TESTDATA="${CMAKE_SOURCE_DIR}/testdata" HILUM_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    HILUM_SHARED="${CMAKE_SOURCE_DIR}/../shared")
  hilum_discover_tests(${TARGET} ${ARG_FOLDER})
endfunction()

# Each TEST of TARGET as a test of ctest, labelled FOLDER. The executable is asked for its tests when ctest first runs after it was built: a build
# starts no test program, and ctest reads a list that is kept. A process a TEST costs 10 to 30 ms; under a sanitizer half a second, so there a
# program is one test (GTEST_FILTER leaves tests out).
function(hilum_discover_tests TARGET FOLDER)
  if(HILUM_SANITIZE)
    add_test(NAME ${TARGET} COMMAND ${TARGET})
    set_tests_properties(${TARGET} PROPERTIES LABELS ${FOLDER} TIMEOUT 1200)
    return()
  endif()
  gtest_discover_tests(${TARGET} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${FOLDER} TIMEOUT 600)
endfunction()

# The include table as a file, the test that holds the sources against it, and the one for habits (scripts/check_idiom).
function(hilum_layer_test)
  get_property(lines GLOBAL PROPERTY hilum_layer_lines)
  list(JOIN lines "\n" table)
  file(WRITE ${CMAKE_BINARY_DIR}/layers.txt "${table}\n")
  add_test(NAME layers COMMAND ${CMAKE_SOURCE_DIR}/scripts/check_layers ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/layers.txt)
  add_test(NAME idiom COMMAND ${CMAKE_SOURCE_DIR}/scripts/check_idiom ${CMAKE_SOURCE_DIR})
endfunction()

# `fuzz_targets` builds every fuzz entry; fuzz_targets.txt lists them for scripts/fuzz.
function(hilum_fuzz_list)
  get_property(targets GLOBAL PROPERTY hilum_fuzz_targets)
  set(lines "")
  foreach(target IN LISTS targets)
    string(APPEND lines "$<TARGET_FILE:${target}>\n")
  endforeach()
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/fuzz_targets.txt CONTENT "${lines}")
  add_custom_target(fuzz_targets DEPENDS ${targets})
endfunction()
