// SPDX-License-Identifier: Apache-2.0
#include "engine/record.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "base/crc32.h"
#include "base/error.h"
#include "engine/record_envelope.h"

namespace netyard {
namespace {

LabRecord sample() {
  LabRecord record;
  record.name = "lan";
  record.file = "/srv/lan.yaml";
  record.phase = LabPhase::up;
  record.boot_id = "b";
  record.owner = {7, 9};
  record.created = 1700000000;
  record.nodes.push_back({"h1", "host", "lan.h1", {1, 2, 3}, {{"eth0", 5, "s1:eth0"}}});
  record.host_pairs.push_back({"lan.h1", 5, "ny0"});
  record.taken.push_back({"lan.h1", "eth1", "enp3s0", 4, true});
  record.host_table = "netyard_lan";
  return record;
}

int refusal_of(const std::string& text) {
  try {
    from_text(text, "lan.json");
    return 0;
  } catch (const Error& error) {
    return error.code();
  }
}

// The check value of CRC-32/ISO-HDLC, which zlib and gzip have.
TEST(Crc32, IsThatOfZlib) {
  EXPECT_EQ(crc32("123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32(""), 0U);
}

TEST(Record, IsReadAsWritten) {
  EXPECT_EQ(from_text(to_text(sample()), "lan.json"), sample());
}

TEST(Record, OfAFileWhosePathIsNoUtf8IsWritten) {
  LabRecord record = sample();
  record.file = "/srv/caf\xe9.yaml";
  EXPECT_EQ(from_text(to_text(record), "lan.json").file, "/srv/caf\xef\xbf\xbd.yaml");
}

TEST(Record, IsRefusedWhenCutAnywhere) {
  const std::string text = to_text(sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(refusal_of(text.substr(0, size)), EBADMSG) << size;
  }
}

TEST(Record, IsRefusedWhenOneByteIsAnother) {
  const std::string text = to_text(sample());
  const std::size_t format = text.find('3');
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    // 3 ^ 4 is 7: a later format, which is another matter.
    EXPECT_EQ(refusal_of(changed), at == format ? ENOTSUP : EBADMSG) << at;
  }
}

TEST(Record, OfALaterFormatIsNotTakenForDamaged) {
  EXPECT_EQ(refusal_of("{\"format\":99,\"what\":1}\n"), ENOTSUP);
  EXPECT_EQ(refusal_of("{\"format\":99999999999999999999,\"what\":1}\n"), ENOTSUP);
}

TEST(Record, OfAnEarlierFormatIsDamaged) {
  EXPECT_EQ(refusal_of("{\n \"version\": 1\n}\n"), EBADMSG);
  EXPECT_EQ(refusal_of("{\"format\":1,\"crc32\":\"00000000\",\"lab\":{}}\n"), EBADMSG);
}

// A checksum that is right does not make its text a record.
TEST(Record, IsRefusedWhenItsTextIsNone) {
  for (const char* body : {"", "{}", "[]", "null", "{\"name\": 3}"}) {
    EXPECT_EQ(refusal_of(seal(body)), EBADMSG) << body;
  }
}

}  // namespace
}  // namespace netyard
