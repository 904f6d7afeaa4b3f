// SPDX-License-Identifier: Apache-2.0
/** Reads event files, one JSON object a line; the demo's only reader of JSON. */
package io.cloacina.guard.sample.events;
