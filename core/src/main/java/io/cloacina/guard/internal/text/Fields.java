// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names and values in the order in which they were given; for some tens of them, as lookups go through all. Immutable.
 *
 * <p>No {@code LinkedHashMap}: the first few uses of one have the JVM compile {@code HashMap.put} anew, and a JVM that ends
 * at that moment waits ten milliseconds for it.
 *
 * @param <V> may be null
 */
public final class Fields<V> extends AbstractMap<String, V> {

    private static final Fields<?> NONE = new Fields<>(new Object[0]);

    /** Each name is followed by its value. */
    private final Object[] pairs;

    private Fields(Object[] pairs) {
        this.pairs = pairs;
    }

    @SuppressWarnings("unchecked") // it has no values of any type
    public static <V> Fields<V> none() {
        return (Fields<V>) NONE;
    }

    /** The entries of a map in its order, with their keys as text. */
    public static Fields<Object> of(Map<?, ?> map) {
        Fields<Object> fields = none();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            fields = fields.plus(entry.getKey().toString(), entry.getValue());
        }
        return fields;
    }

    /** These and one more, at the end; a name that is there already gets the new value in its old place. */
    public Fields<V> plus(String name, @Nullable V value) {
        int place = place(name);
        Object[] more = Arrays.copyOf(pairs, Math.max(pairs.length, place + 2));
        more[place] = name;
        more[place + 1] = value;
        return new Fields<>(more);
    }

    /** Where {@code name} is, or would be. */
    private int place(Object name) {
        int place = 0;
        while (place < pairs.length && !pairs[place].equals(name)) {
            place += 2;
        }
        return place;
    }

    @Override
    public boolean containsKey(Object name) {
        return place(name) < pairs.length;
    }

    @Override
    public @Nullable V get(Object name) {
        return containsKey(name) ? value(place(name) / 2) : null;
    }

    @Override
    public int size() {
        return pairs.length / 2;
    }

    /** @param index from 0 */
    public String name(int index) {
        return (String) pairs[2 * index];
    }

    /** @param index from 0 */
    @SuppressWarnings("unchecked") // only plus puts values there
    public V value(int index) {
        return (V) pairs[2 * index + 1];
    }

    @Override
    public Set<Map.Entry<String, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return Fields.this.size();
            }

            @Override
            public Iterator<Map.Entry<String, V>> iterator() {
                return entries();
            }
        };
    }

    private Iterator<Map.Entry<String, V>> entries() {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < size();
            }

            @Override
            public Map.Entry<String, V> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return new SimpleImmutableEntry<>(name(next), value(next++));
            }
        };
    }
}
