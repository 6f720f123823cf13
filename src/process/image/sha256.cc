// SPDX-License-Identifier: Apache-2.0
#include "process/image/sha256.h"

// The plain functions: EVP would have all of OpenSSL's algorithms set up with the program.
#define OPENSSL_API_COMPAT 0x10100000L
#include <fmt/format.h>
#include <openssl/sha.h>

#include "base/error.h"

namespace netyard::image {
namespace {

void require(int done) {
  if (done != 1) throw Error(0, "compute", "sha256").reason("libcrypto has no SHA-256");
}

}  // namespace

void Sha256::Free::operator()(SHA256state_st* context) const {
  delete context;
}

Sha256::Sha256() : context_(new SHA256_CTX) {
  require(SHA256_Init(context_.get()));
}

void Sha256::update(std::string_view bytes) {
  require(SHA256_Update(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex() {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  require(SHA256_Final(digest, context_.get()));
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

}  // namespace netyard::image
