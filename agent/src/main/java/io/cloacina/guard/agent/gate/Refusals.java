// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What was refused on a class path, for the {@code ClassNotFoundException}s of its loader. */
final class Refusals {

    /** Without the exception, whose stack trace would keep the classes on it alive. */
    record Refused(
            String packagePath, String reason, @Nullable String eventId, String detail) {
        static Refused of(PackageRefusedException refused) {
            return new Refused(refused.packagePath(), refused.reason(), refused.eventId(), refused.detail());
        }

        PackageRefusedException toException() {
            return new PackageRefusedException(packagePath, reason, eventId, detail);
        }
    }

    private final WeakIdentityMap<List<Refused>> byClassPath = new WeakIdentityMap<>();

    /**
     * What was refused for the same once already is not kept again.
     *
     * @param ucp null where it is not known
     */
    void add(@Nullable Object ucp, PackageRefusedException refused) {
        if (ucp == null) {
            return;
        }
        List<Refused> all = byClassPath.getOrPut(ucp, new CopyOnWriteArrayList<>());
        for (Refused one : all) {
            if (refused.eventId() != null && refused.eventId().equals(one.eventId())) {
                return;
            }
        }
        all.add(Refused.of(refused));
    }

    /** Adds what was refused as suppressed exceptions. */
    void addTo(Object ucp, Throwable notFound) {
        List<Refused> refused = byClassPath.get(ucp);
        if (refused != null) {
            for (Refused one : refused) {
                notFound.addSuppressed(one.toException());
            }
        }
    }
}
