// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.SigningException.Reason;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads packages that are to be signed: what changes while it is read is not. */
final class PackageReader {

    private PackageReader() {}

    static PackageHash hashOf(Path file, LongConsumer progress) throws SigningException {
        State before = state(file);
        PackageHash hash;
        try {
            hash = PackageSnapshot.hash(file, progress);
        } catch (UnreadablePackageException e) {
            requireUnchanged(file, before, state(file));
            throw new SigningException(Reason.UNREADABLE_PACKAGE, e.getMessage(), e);
        }
        requireUnchanged(file, before, state(file));
        return hash;
    }

    static PackageHash hashOfTree(Path directory, LongConsumer progress) throws SigningException {
        Map<Path, State> before = states(directory);
        PackageHash hash;
        try {
            hash = TreeSnapshot.hash(directory, progress);
        } catch (UnreadablePackageException e) {
            requireUnchanged(directory, before, states(directory));
            Reason reason = e.isRefusedForm() ? Reason.REFUSED_TREE : Reason.UNREADABLE_PACKAGE;
            throw new SigningException(reason, e.getMessage(), e);
        }
        requireUnchanged(directory, before, states(directory));
        return hash;
    }

    private static void requireUnchanged(Path path, Object before, Object after) throws SigningException {
        if (!before.equals(after)) {
            throw new SigningException(
                    Reason.CHANGED_PACKAGE, "[" + path + "] changed while it was read; it is not signed", null);
        }
    }

    /** What changes when a file is written to or replaced. */
    private record State(
            boolean exists,
            long sizeBytes,
            @Nullable FileTime changed,
            @Nullable Object fileKey) {}

    private static State state(Path file) throws SigningException {
        try {
            if (!Files.exists(file)) {
                return new State(false, 0, null, null);
            }
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new State(true, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        } catch (IOException e) {
            throw new SigningException(Reason.UNREADABLE_PACKAGE, "[" + file + "] cannot be read: " + reason(e), e);
        }
    }

    private static Map<Path, State> states(Path directory) throws SigningException {
        Map<Path, State> states = new TreeMap<>();
        if (!Files.isDirectory(directory)) {
            return states;
        }
        // The root may be a link; Files.walk would not go into one.
        try (Stream<Path> paths = Files.walk(directory.toRealPath())) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                // Signatures of members may be written meanwhile, which also changes their directories.
                if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && !TreeSnapshot.isSignature(path)) {
                    states.put(path, state(path));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new SigningException(
                    Reason.UNREADABLE_PACKAGE, "[" + directory + "] cannot be read: " + e.getMessage(), e);
        }
        return states;
    }

    /** What hosts extract from an archive. */
    static List<NestedPackage> nestedIn(Path archive) throws SigningException {
        State before = state(archive);
        List<NestedPackage> nested = NestedPackages.in(archive);
        requireUnchanged(archive, before, state(archive));
        return nested;
    }

    static String reason(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
