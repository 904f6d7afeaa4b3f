// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrustedSignersTest {

    /** If trust in one of two that are required is lost, one is left: the monitor has to watch both. */
    @Test
    void signers_asManyAsAreRequired_areWatched() throws Exception {
        List<Verdict.Signer> signers = new ArrayList<>();
        for (String digit : List.of("1", "2", "3")) {
            signers.add(new Verdict.Signer(new Fingerprint(digit.repeat(64)), null, null, SignatureSource.DETACHED));
        }
        PackageHash hash = PackageHash.ofContent(new byte[0]);
        Verdict.Verified good = new Verdict.Verified(hash, signers, null, null, List.of());
        Load load = Load.ofFile(Load.Kind.JAR, Path.of("/a.jar"), "a hook", null);

        for (int required = 1; required <= 3; required++) {
            GuardConfig config =
                    GuardConfig.read(Map.of("cloacina.required_signers", String.valueOf(required)), Map.of());
            List<Decision.Trusted> watched = Decision.Trusted.of(load, hash, good, config);

            assertEquals(required, watched.size());
            assertEquals(
                    signers.get(required - 1).key(), watched.get(required - 1).signer());
        }
    }
}
