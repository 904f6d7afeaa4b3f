// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the audit log as a whole, and this machine, tell of an unsigned package beside its own events. */
final class Circumstances {

    /** A file with so many contents on record is made anew again and again; with two it was updated. */
    private static final int MADE_ANEW = 3;

    private static final int MOST_LOOKED_FOR = 1000;

    private final Disk disk;
    /** Whether this machine is the one on record: then what is not here is gone. */
    private final boolean isHost;
    /** Of content that a lasting path holds, which is signed: that path. */
    private final Map<String, String> lasting = new HashMap<>();
    /** How many contents a path with random parts had. */
    private final Map<String, Set<String>> contents = new HashMap<>();

    Circumstances(Report report, Disk disk) {
        this.disk = disk;
        this.isHost = report.findings().stream().anyMatch(finding -> disk.exists(finding.path()))
                || report.acceptable() != null
                        && report.acceptable().stream().limit(MOST_LOOKED_FOR).anyMatch(disk::exists);
        for (Finding finding : report.findings()) {
            boolean unsigned = isUnsigned(finding) && finding.hash() != null;
            if (unsigned && PackagePath.isTemporary(finding.path())) {
                contents.computeIfAbsent(place(finding), absent -> new HashSet<>())
                        .addAll(finding.hashes());
            } else if (unsigned
                    && isNamed(finding.path(), finding)
                    && !PackagePath.isHostCopy(finding.path())
                    && !isGone(finding.path())) {
                lasting.putIfAbsent(finding.kind() + finding.hash(), finding.path());
            }
        }
    }

    boolean isGone(String path) {
        return isHost && disk.isGone(path);
    }

    private static boolean isUnsigned(Finding finding) {
        return finding.reason().equals("signature_not_found") && finding.changedFrom() == null;
    }

    private static String place(Finding finding) {
        return finding.kind() + " " + PackagePath.glob(finding.path());
    }

    /** A path that lasts, with the same content; or null. */
    @Nullable
    String lastingTwin(Finding finding) {
        return lasting.get(finding.kind() + finding.hash());
    }

    /** Whether a signature would be of what is there now and not of what is there next. */
    boolean isMadeAnew(Finding finding) {
        String path = finding.path();
        if (!isNamed(path, finding) || is(finding, "class")) {
            return false;
        }
        boolean temporary = PackagePath.isTemporary(path);
        int different = temporary
                ? Math.max(
                        finding.hashes().size(),
                        contents.getOrDefault(place(finding), Set.of()).size())
                : finding.hashes().size();
        if (is(finding, "directory")) {
            return different > 1 || isJspWork(path);
        }
        boolean random = !PackagePath.glob(path).equals(PackagePath.exactGlob(path));
        return different >= MADE_ANEW || temporary && random && different > 1 && !disk.exists(path);
    }

    private boolean isJspWork(String path) {
        return path.contains("/work/Catalina/") || disk.isDirectory(path + "/org/apache/jsp");
    }

    static boolean is(Finding finding, String kind) {
        return kind.equals(finding.kind());
    }

    // U+FFFD replaces bytes that are no text: the file's real name is not in the audit log.
    static boolean isNamed(String path, Finding finding) {
        return path.startsWith("/") && path.indexOf('\ufffd') < 0 && !finding.isPathCut();
    }
}
