// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.text.JsonLine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Lines of a record, as the guard's own encoder writes them. */
final class Lines {

    static final Instant NOON = Instant.parse("2026-01-28T12:00:00Z");
    static final String ORG = "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40";
    static final String RELEASE = "e3bfe796ad97".repeat(6).substring(0, 64);
    static final String STRANGER = "8655b53f37e1".repeat(6).substring(0, 64);

    private final StringBuilder text = new StringBuilder();
    private String host;
    private long pid = 1;
    private Instant now = NOON;

    Lines on(String name, long process) {
        host = name;
        pid = process;
        return this;
    }

    Lines at(Instant time) {
        now = time;
        return this;
    }

    /** One second later than the last. */
    Lines event(String type, Object... fields) {
        JsonLine line = new JsonLine()
                .with("timestamp", now)
                .with("event_type", type)
                .with("event_id", "01a204c2-b833-7fa6-abc1-0241a23f6012")
                .with("org_id", ORG);
        for (int i = 0; i < fields.length; i += 2) {
            line.with((String) fields[i], fields[i + 1]);
        }
        if (host != null) {
            line.with("host", host).with("pid", pid);
        }
        text.append(line).append('\n');
        now = now.plusSeconds(1);
        return this;
    }

    Lines verified(String path) {
        return event(
                "package.load.success",
                "package_path",
                path,
                "signer_fingerprint",
                RELEASE,
                "signature_verified",
                true,
                "kind",
                "jar");
    }

    /** Loaded in audit mode. */
    Lines wouldBeRefused(String path, String reason, String signer, String kind, String error) {
        return event(
                "package.load.success",
                "package_path",
                path,
                "signer_fingerprint",
                signer,
                "signature_verified",
                false,
                "kind",
                kind,
                "failure_reason",
                reason,
                "error",
                error);
    }

    Lines unsigned(String path) {
        return wouldBeRefused(path, "signature_not_found", null, "jar", "no signature");
    }

    Lines refused(String path) {
        return event(
                "package.load.failure",
                "package_path",
                path,
                "failure_reason",
                "signature_not_found",
                "error",
                "no signature",
                "signer_fingerprint",
                null,
                "kind",
                "jar");
    }

    Lines raw(String line) {
        text.append(line);
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    InputStream in() {
        return new ByteArrayInputStream(toString().getBytes(StandardCharsets.UTF_8));
    }

    Report report() throws IOException {
        return report(null, null, null, null);
    }

    Report report(Instant since, Instant until, String mode, String key) throws IOException {
        ReportBuilder builder = new ReportBuilder(since, until, mode, key);
        builder.read("a.jsonl", in());
        return builder.build();
    }

    /** The paths of the findings that are open. */
    static List<String> open(Report report) {
        return report.openFindings().stream().map(Finding::path).toList();
    }

    /** What a guard of this product wrote once, see {@code sample-app/demo.sh}. */
    static InputStream recorded(String name) {
        return Objects.requireNonNull(Lines.class.getResourceAsStream(name), name);
    }
}
