// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.sign.PackageMetadata;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.sign.StatementRequest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code sign} that make signatures of version 2. */
final class StatementOptions {

    private static final String NAMES = "--package-name N and --package-version V";

    @Option(
            names = "--format",
            paramLabel = "1|2",
            description = "The signature's version: 1 (default), or 2, which says name, version and expiry.")
    private @Nullable String format;

    @Option(
            names = "--package-name",
            paramLabel = "N",
            description =
                    "The name in a signature of version 2. Default: groupId:artifactId of the only pom.properties in"
                            + " the package, else the manifest's Bundle-SymbolicName.")
    private @Nullable String packageName;

    @Option(
            names = "--package-version",
            paramLabel = "V",
            description = "The version in a signature of version 2. Default: from where the name is.")
    private @Nullable String packageVersion;

    @Option(
            names = "--expires",
            paramLabel = "TIME",
            description = "After this a signature of version 2 does not count, such as 2027-01-31T12:00:00Z.")
    private @Nullable String expires;

    @Option(
            names = "--add",
            description = "Add the key's signature to the one of version 2 that is there, over the same statement.")
    private boolean add;

    @Option(names = "--together", description = "Make one signature of version 2, in --out FILE, of all that is named.")
    private boolean together;

    @Option(names = "--out", paramLabel = "FILE", description = "Where --together writes the signature.")
    private @Nullable String out;

    @Option(
            names = "--keep-v1",
            description = "Leave the .sig files, of version 1, as they are: version 2 is only stored.")
    private boolean keepVersion1;

    boolean isVersion2() {
        return "2".equals(format) || add || together;
    }

    boolean isTogether() {
        return together;
    }

    /** Where one signature of all is written; only if {@link #isTogether}. */
    String out() {
        return Objects.requireNonNull(out);
    }

    boolean isStoredOnly() {
        return keepVersion1;
    }

    /**
     * What makes no sense in what was asked for, or null.
     *
     * @param stores whether signatures are stored
     */
    @Nullable
    String problem(boolean stores, boolean noDetached, Instant now) {
        if (format != null && !format.equals("1") && !format.equals("2")) {
            return "--format is 1 or 2, not [" + KeyText.shown(format) + "]";
        }
        boolean describes = packageName != null || packageVersion != null || expires != null;
        if (!isVersion2() && (describes || keepVersion1)) {
            return "--package-name, --package-version, --expires and --keep-v1 are of signatures of version 2: add"
                    + " --format 2";
        }
        if ("1".equals(format) && isVersion2()) {
            return "--add and --together are of signatures of version 2, not of --format 1";
        }
        if (add && describes) {
            return "--add signs what is said already: it takes no name, version or expiry";
        }
        if (together != (out != null)) {
            return "--together and --out FILE belong together";
        }
        if (together && (noDetached || keepVersion1)) {
            return "--together writes --out FILE, and no .sig file beside a package";
        }
        if (keepVersion1 && !stores) {
            return "--keep-v1 needs a store: the signature of version 2 is put there only";
        }
        return problemOfWords(now);
    }

    private @Nullable String problemOfWords(Instant now) {
        try {
            if (packageName != null) {
                if (KeyText.isIn(packageName)) {
                    return "--package-name: this is no name but looks like the text of a key";
                }
                StatementRequest.of(packageName, "1", null);
            }
        } catch (IllegalArgumentException e) {
            return "--package-name " + e.getMessage();
        }
        try {
            if (packageVersion != null) {
                StatementRequest.of("name", packageVersion, null);
            }
        } catch (IllegalArgumentException e) {
            return "--package-version [" + KeyText.shown(packageVersion) + "] " + e.getMessage();
        }
        try {
            if (expires != null && !Rfc3339.parse(expires).isAfter(now)) {
                return "--expires [" + KeyText.shown(expires) + "] is over already";
            }
        } catch (IllegalArgumentException e) {
            return "--expires [" + KeyText.shown(expires)
                    + "] is not an RFC 3339 time with a zone; such as 2027-01-31T12:00:00Z is right";
        }
        return null;
    }

    /**
     * What is to be signed of a package.
     *
     * @return null if a signature of version 1 is wanted
     * @throws IllegalArgumentException if it is not known how the package is called; the message names the options
     */
    @Nullable
    StatementRequest of(Path path) {
        if (!isVersion2()) {
            return null;
        }
        if (add) {
            return StatementRequest.ADD;
        }
        PackageMetadata own = packageName != null && packageVersion != null
                ? new PackageMetadata(packageName, packageVersion)
                : PackageMetadata.of(path);
        String name = packageName != null ? packageName : own.name();
        String version = packageVersion != null ? packageVersion : own.version();
        if (name == null || version == null) {
            throw new IllegalArgumentException("[" + path + "] does not say how it is called (it has no pom.properties,"
                    + " or several, and is no OSGi bundle): name " + NAMES);
        }
        try {
            return StatementRequest.of(name, version, expires == null ? null : Rfc3339.parse(expires));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "[" + path + "] says that it is called [" + KeyText.shown(name) + "], version ["
                            + KeyText.shown(version) + "], of which one " + e.getMessage() + ": name " + NAMES,
                    e);
        }
    }

    /** Why these cannot be said of several packages at once; null if they are one and the same. */
    static @Nullable String differenceIn(List<StatementRequest> requests) {
        for (StatementRequest one : requests) {
            StatementRequest first = requests.get(0);
            if (!one.equals(first)) {
                return "the packages are called [" + KeyText.shown(first.name()) + "] " + KeyText.shown(first.version())
                        + " and [" + KeyText.shown(one.name()) + "] " + KeyText.shown(one.version()) + ": name "
                        + NAMES + " for all of them";
            }
        }
        return null;
    }
}
