// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.artifact.DefaultArtifact;
import org.apache.maven.artifact.handler.DefaultArtifactHandler;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.logging.SystemStreamLog;
import org.apache.maven.project.MavenProject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class PackageSelectionTest {

    @TempDir
    Path directory;

    private final MavenProject project = new MavenProject();

    @BeforeEach
    @SuppressWarnings("deprecation") // Maven's helper that does the same wants a container
    void makeProject() throws Exception {
        project.setArtifact(artifact(""));
        project.addAttachedArtifact(artifact("cli"));
        project.addAttachedArtifact(artifact("sources"));
    }

    private Artifact artifact(String classifier) throws Exception {
        Artifact artifact = new DefaultArtifact(
                "com.example", "butler", "1.2", "runtime", "jar", classifier, new DefaultArtifactHandler("jar"));
        artifact.setFile(
                Files.createFile(directory.resolve("a" + classifier + ".jar")).toFile());
        return artifact;
    }

    private List<String> of(PackageSelection selection) throws Exception {
        return selection.of(project, new SystemStreamLog()).stream()
                .map(ProjectPackage::classifier)
                .toList();
    }

    @Test
    void whatSignLeavesOut_verifyLeavesOut_withTheSamePatterns() throws Exception {
        for (List<String> excludes : List.of(List.<String>of(), List.of("jar:cli"), List.of("*:c*"))) {
            assertEquals(
                    of(PackageSelection.toSign(List.of(), excludes)),
                    of(PackageSelection.toVerify(List.of(), excludes)));
        }
        assertEquals(List.of("", "cli"), of(PackageSelection.toVerify(List.of(), List.of())));
        assertEquals(List.of(""), of(PackageSelection.toVerify(List.of(), List.of("jar:cli"))));
        assertEquals(List.of("sources"), of(PackageSelection.toVerify(List.of("jar:sources"), List.of())));
    }

    @Test
    void pattern_ofAnotherForm_isRefusedByTheNameOfTheParameter() {
        List<String> bad = List.of("a:b:c");

        assertTrue(message(() -> PackageSelection.toSign(List.of(), bad)).startsWith("<excludes> has"));
        assertTrue(message(() -> PackageSelection.toVerify(List.of(), bad)).startsWith("<artifactExcludes> has"));
        assertTrue(message(() -> PackageSelection.toVerify(bad, List.of())).startsWith("<artifactIncludes> has"));
    }

    private static String message(Executable executable) {
        return assertThrows(MojoExecutionException.class, executable).getMessage();
    }

    @Test
    void keyThatIsGivenTwice_isOneSigner() throws Exception {
        try (Ed25519PrivateKey one = Ed25519PrivateKey.generate(new SecureRandom());
                Ed25519PrivateKey other = Ed25519PrivateKey.generate(new SecureRandom())) {
            Ed25519PublicKey key = one.publicKey();

            assertThrows(
                    MojoExecutionException.class, () -> VerifyMojo.requireEnough(2, List.of(key, one.publicKey())));
            assertDoesNotThrow(() -> VerifyMojo.requireEnough(2, List.of(key, other.publicKey())));
        }
    }
}
