// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.KeyStore.KekCheck;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Keeps all signing keys of a store under one key encryption key.
 *
 * <p>Who seals a key takes the lock first, so that the key encryption key that was looked at is still the store's when the
 * row is written. On SQLite a transaction that writes is the only one.
 */
final class KeyCheck {

    /** Any number that is ours, besides that of the migrations. */
    private static final long ADVISORY_LOCK = 0x636c6f6163696e62L;

    private static final String VALUE = "SELECT check_value FROM guard_key_check WHERE id = 1";
    private static final String PUT = """
            INSERT INTO guard_key_check (id, check_value, set_at) VALUES (1, :value, :at)
            ON CONFLICT (id) DO UPDATE SET check_value = excluded.check_value, set_at = excluded.set_at
            """;

    private final Handle handle;
    private final boolean there;
    private final Clock clock;

    /** @param there whether the store has the table */
    private KeyCheck(Handle handle, boolean there, Clock clock) {
        this.handle = handle;
        this.there = there;
        this.clock = clock;
    }

    /** Locks until the end of the transaction. */
    static KeyCheck locked(Handle handle, Dialect dialect, boolean there, Clock clock) {
        if (dialect == Dialect.POSTGRESQL) {
            handle.createQuery("SELECT CAST(pg_advisory_xact_lock(:lock) AS TEXT)")
                    .bind("lock", ADVISORY_LOCK)
                    .mapTo(String.class)
                    .list();
        }
        return new KeyCheck(handle, there, clock);
    }

    /**
     * Checks that the key encryption key is the store's. Where the store does not say which that is, it is the one that
     * opens any of its keys; a store without keys takes any. One that opens all keys is the store's whatever the store
     * says: another program has resealed them.
     *
     * @throws E if it is not
     */
    <E extends Exception> void require(KekCheck<E> kek, List<SealedKey> keys) throws E {
        Optional<String> known =
                there ? handle.createQuery(VALUE).mapTo(String.class).findOne() : Optional.empty();
        if (known.isPresent() && known.get().equals(kek.value())) {
            return;
        }
        boolean any = false;
        boolean all = true;
        for (SealedKey key : keys) {
            boolean opens = kek.opens(key);
            any |= opens;
            all &= opens;
        }
        if (!all && (known.isPresent() || !any)) {
            throw kek.refusal(keys.size());
        }
        put(kek.value());
    }

    void put(String value) {
        if (there) {
            handle.createUpdate(PUT)
                    .bind("value", value)
                    .bind("at", clock.instant())
                    .execute();
        }
    }
}
