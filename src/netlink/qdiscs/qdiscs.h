// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlink/qdisc.h"

/// One file each.
namespace netyard::qdiscs {

extern const QdiscKind bfifo;
extern const QdiscKind cake;
extern const QdiscKind codel;
extern const QdiscKind fq;
extern const QdiscKind fq_codel;
extern const QdiscKind htb;
extern const QdiscKind netem;
extern const QdiscKind pfifo;
extern const QdiscKind pie;
extern const QdiscKind prio;
extern const QdiscKind red;
extern const QdiscKind sfq;
extern const QdiscKind tbf;

}  // namespace netyard::qdiscs
