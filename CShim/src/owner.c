/* SPDX-License-Identifier: Apache-2.0
 *
 * See owner.h.
 */
#include "owner.h"

_Atomic uint64_t mt_owner_words[MT_OWNER_WORD_COUNT];
