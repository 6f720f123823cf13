// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "process/init/program.h"

namespace netyard {

/// What a new process does before it is the workload: a list of system calls, each with the name
/// that an error gives it. Written here in full C++; run by the init, which has no libc.
class StepList {
 public:
  /// A place that takes the result of a step for later ones.
  struct Slot {
    std::uint64_t offset = 0;
  };
  /// Bytes that go along.
  struct Data {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  /// One argument of a system call.
  struct Argument {
    enum class Kind { number, pointer, slot } kind = Kind::number;
    std::uint64_t value = 0;
    Argument() = default;
    Argument(long number) : value(static_cast<std::uint64_t>(number)) {}
    Argument(unsigned long number) : value(number) {}
    Argument(int number) : Argument(static_cast<long>(number)) {}
    Argument(unsigned number) : value(number) {}
    Argument(Data data) : kind(Kind::pointer), value(data.offset) {}
    Argument(Slot slot) : kind(Kind::slot), value(slot.offset) {}
  };

  StepList();

  Data text(std::string_view text);
  Data bytes(const void* data, std::size_t size);
  /// An array of pointers that ends in a null pointer.
  Data texts(const std::vector<std::string>& texts);
  /// A pointer to `to` at an offset inside data.
  void point(Data data, std::size_t offset, Data to);
  /// A place; its address is that of an int inside `data` when given.
  Slot slot();
  static Slot slot_in(Data data, std::size_t offset) { return {data.offset + offset}; }

  /// Appends a system call. An errno among `tolerated` is no failure.
  void call(std::string name, long number, std::initializer_list<Argument> args,
            std::initializer_list<int> tolerated = {});
  /// A tolerated failure leaves a negative number in the place.
  void call_into(Slot result, std::string name, long number, std::initializer_list<Argument> args,
                 std::initializer_list<int> tolerated = {});
  /// Its result must be `expected`.
  void call_is(long expected, std::string name, long number, std::initializer_list<Argument> args);
  void write_file(const std::string& path, const std::string& content);
  void reset_signals();
  /// flags: CLONE_FILES, CLONE_VFORK.
  void fork(long flags);
  /// What the forking process goes on with begins here.
  void after_fork();
  void execute(const std::string& path, Data argv, Data envp);
  void give_up(std::string name);
  void reap(int record_fd);

  /// The block for the init. A step that fails is written to report_fd.
  std::string block(int report_fd) const;
  /// The name of a step, for an error: "mount /proc".
  const std::string& name(std::size_t step) const { return names_.at(step); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  init::Step& add(init::Op op, std::string name, std::initializer_list<Argument> args);
  void relocate(std::uint64_t offset) { relocations_.push_back(offset); }

  std::string memory_;  // data; the header comes first
  std::vector<init::Step> steps_;
  std::vector<std::string> names_;
  struct StepPointer {
    std::size_t step;
    int argument;  // -1: store
  };
  std::vector<StepPointer> step_pointers_;
  std::vector<std::uint64_t> relocations_;
  std::uint32_t after_fork_ = 0;
};

}  // namespace netyard
