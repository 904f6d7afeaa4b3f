// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Notes on objects of the application, as long as those live. Compares by identity: {@code WeakHashMap} would call the
 * {@code hashCode} and {@code equals} of whatever class loader an application has written.
 *
 * @param <V> must not refer to its key strongly
 */
class WeakIdentityMap<V> {

    private final ConcurrentHashMap<Key, V> map = new ConcurrentHashMap<>();
    private final ReferenceQueue<Object> collected = new ReferenceQueue<>();
    /** Is given a value some time after its key was collected. */
    void whenCollected(V value) {
        // Nothing has to be done about most.
    }

    @SuppressWarnings("CollectionIncompatibleType") // a probe is equal to the key of the same object
    @Nullable
    V get(@Nullable Object key) {
        return map.get(new Probe(key));
    }

    /** What is there for {@code key}, or else {@code fresh}, which is from now on. */
    V getOrPut(@Nullable Object key, V fresh) {
        expunge();
        V before = map.putIfAbsent(new Key(key, collected), fresh);
        return before == null ? fresh : before;
    }

    void put(Object key, V value) {
        expunge();
        map.put(new Key(key, collected), value);
    }

    private void expunge() {
        for (Object key = collected.poll(); key != null; key = collected.poll()) {
            V value = map.remove(key);
            if (value != null) {
                whenCollected(value);
            }
        }
    }

    /** Finds the entry of an object; a weak reference to look it up by would be one more for the collector. */
    private static final class Probe {
        private final @Nullable Object object;

        Probe(@Nullable Object object) {
            this.object = object;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(object);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && key.get() == object;
        }
    }

    private static final class Key extends WeakReference<Object> {
        private final int hash;

        Key(@Nullable Object key, ReferenceQueue<Object> queue) {
            super(key, queue);
            this.hash = System.identityHashCode(key);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            if (this == other) {
                return true;
            }
            Object mine = get();
            return mine != null && other instanceof Key key && mine == key.get();
        }
    }
}
