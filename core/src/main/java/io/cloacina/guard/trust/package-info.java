// SPDX-License-Identifier: Apache-2.0
/**
 * The nouns of the trust system, as records: keys, trust in them and its limits, grants, withdrawn packages, floors.
 */
@NullMarked
package io.cloacina.guard.trust;

import org.jspecify.annotations.NullMarked;
