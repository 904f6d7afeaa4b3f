// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import java.nio.file.Path;
import org.apache.maven.artifact.Artifact;

/** An artifact, and its file. */
record ProjectPackage(Artifact artifact, Path file) {

    String extension() {
        return extension(artifact);
    }

    String classifier() {
        return classifier(artifact);
    }

    static String extension(Artifact artifact) {
        return artifact.getArtifactHandler().getExtension();
    }

    /** Empty if it has none. */
    static String classifier(Artifact artifact) {
        return artifact.getClassifier() == null ? "" : artifact.getClassifier();
    }

    /** The coordinates, as Maven prints them. */
    String name() {
        return artifact.getGroupId() + ":" + artifact.getArtifactId() + ":" + extension()
                + (classifier().isEmpty() ? "" : ":" + classifier()) + ":" + artifact.getVersion();
    }
}
