// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

/**
 * A plugin that the host finds.
 *
 * @param file its name
 * @param treatment what was done to it
 */
record Plugin(String file, Treatment treatment) {

    /** What is done to a plugin, and what the guard must say of it. */
    enum Treatment {
        SIGNED("signed with the release key", ""),
        NEVER_SIGNED("never signed", "signature_not_found"),
        CHANGED("signed, then one byte changed", "tampered_package"),
        SIGNED_BY_A_STRANGER("signed by a stranger", "untrusted_signer");

        private final String words;
        private final String reason;

        Treatment(String words, String reason) {
            this.words = words;
            this.reason = reason;
        }

        /** As the reader is told. */
        String words() {
            return words;
        }

        /** The {@code failure_reason} of its events; empty if it must load. */
        String reason() {
            return reason;
        }

        boolean isByReleaseKey() {
            return this == SIGNED || this == CHANGED;
        }
    }

    /** As a problem names it. */
    @Override
    public String toString() {
        return file + " (" + treatment.words() + ")";
    }
}
