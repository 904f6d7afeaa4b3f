// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import org.apache.maven.artifact.DefaultArtifact;
import org.apache.maven.artifact.handler.DefaultArtifactHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VerifyRemedyTest {

    private static final ProjectPackage NATIVE = new ProjectPackage(
            new DefaultArtifact(
                    "com.example", "butler", "1.2", "runtime", "so", "linux", new DefaultArtifactHandler("so")),
            Path.of("/repository/but ler.so"));

    private static String of(boolean offline, boolean own, Refusal reason, String error) {
        return new VerifyRemedy(offline, own).of(NATIVE, new Verdict.Refused(null, reason, error, null));
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void everyRefusal_hasARemedy(Refusal reason) {
        for (boolean offline : new boolean[] {true, false}) {
            assertFalse(of(offline, true, reason, "why").isBlank());
            assertFalse(of(offline, false, reason, "why").isBlank());
        }
    }

    @Test
    void dependencyWithoutSignature_remedyNamesTheArtifactToDeploy_andQuotesTheFile() {
        String remedy = of(true, false, Refusal.SIGNATURE_NOT_FOUND, "none");

        assertTrue(remedy.contains("com.example:butler:so.sig:linux:1.2"), remedy);
        assertTrue(remedy.endsWith("cloacina sign --private-key KEY.pem '/repository/but ler.so'"), remedy);
        assertTrue(of(false, false, Refusal.SIGNATURE_NOT_FOUND, "none").contains("sign --no-detached --key KEY"));
        assertTrue(of(false, true, Refusal.SIGNATURE_NOT_FOUND, "none").contains("the goal sign"));
        assertTrue(of(true, true, Refusal.SIGNATURE_NOT_FOUND, "none").contains("<artifactExcludes>"));
    }

    @Test
    void untrustedSigner_remedyIsTheKeyFile_orTrust_orItsLimit() {
        assertTrue(of(true, false, Refusal.UNTRUSTED_SIGNER, "no").contains("<publicKeys>"));
        assertTrue(of(false, false, Refusal.UNTRUSTED_SIGNER, "no").contains("cloacina trust add"));
        assertTrue(of(false, false, Refusal.UNTRUSTED_SIGNER, "the key x" + Refusal.LIMITED + "until yesterday")
                .contains("cloacina trust limit"));
    }
}
