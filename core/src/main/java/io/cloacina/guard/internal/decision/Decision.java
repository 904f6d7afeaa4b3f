// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.verify.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What was decided on one load, before it is recorded.
 *
 * @param outcome null for one that was recorded before
 * @param event null if it is only counted, or was recorded before
 * @param admission the answer, if it can be recorded
 * @param trusted packages that may load because of a signer, if it can be recorded
 * @param earlier what is to be recorded before it: the decision on the package that covers it; null for none
 */
record Decision(
        Load load,
        @Nullable Outcome outcome,
        @Nullable AuditEvent event,
        Admission admission,
        List<Trusted> trusted,
        @Nullable Decision earlier) {

    /**
     * A package that may load as long as its signer is trusted.
     *
     * @param trustedBy the organisation that trusts the signer; null if a configured key file does
     * @param packageName as a signature of version 2 has it; null if only those of version 1 count
     */
    record Trusted(
            Load load,
            PackageHash hash,
            Fingerprint signer,
            @Nullable UUID trustedBy,
            @Nullable String packageName) {

        /** One for each signer that was needed: if trust in any of them is lost, too few are left of them. */
        static List<Trusted> of(Load load, PackageHash hash, Verdict.Verified good, GuardConfig config) {
            List<Trusted> trusted = new ArrayList<>();
            for (int i = 0; i < config.signatures().requiredSigners(); i++) {
                Verdict.Signer signer = good.signers().get(i);
                trusted.add(new Trusted(load, hash, signer.key(), signer.trustedBy(), good.packageName()));
            }
            return trusted;
        }
    }

    Decision(Load load, @Nullable Outcome outcome, @Nullable AuditEvent event, Admission admission) {
        this(load, outcome, event, admission, List.of(), null);
    }

    /** One of many that share one event: it is only counted. */
    static Decision counted(Load load, Outcome outcome, Admission admission) {
        return new Decision(load, outcome, null, admission);
    }

    /** One that was recorded before, with the same answer. */
    static Decision repeated(Load load, Admission admission) {
        return new Decision(load, null, null, admission);
    }

    Decision with(List<Trusted> nowTrusted) {
        return new Decision(load, outcome, event, admission, nowTrusted, earlier);
    }

    /** @param one null for none */
    Decision after(@Nullable Decision one) {
        return new Decision(load, outcome, event, admission, trusted, one);
    }
}
