// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.GuardClassLoader;
import io.cloacina.guard.agent.format.ClassEditor;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Weaves one class with {@link HookTemplate}s, as {@link Weaving} would with Byte Buddy: a test compares the two for every
 * class of every JDK there is.
 */
final class HookWeaving {

    /** By class, method, descriptor, and whether the method is static. */
    private final Map<String, HookTemplate> templates = new HashMap<>();

    /** @param all as {@link HookTemplateMaker} made them */
    HookWeaving(byte[] all) {
        HookTemplate.Reader reader = new HookTemplate.Reader(all);
        for (int left = reader.number(); left > 0; left--) {
            String key = reader.text();
            templates.put(key, reader.template());
        }
    }

    /** @return null if the pack has no templates */
    static HookWeaving ofPack() {
        byte[] all = ((GuardClassLoader) HookWeaving.class.getClassLoader()).read(HookTemplate.FILE);
        return all == null ? null : new HookWeaving(all);
    }

    static String key(EntryPoint entry, String descriptor, boolean isStatic) {
        return entry.name() + (isStatic ? " static " : " ") + descriptor;
    }

    /**
     * Null if a row has no template, or the method has what the templates are not made for: then Byte Buddy has to do it.
     *
     * @param bytes the class file
     */
    WeavingResult weave(List<EntryPoint> entries, byte[] bytes) {
        try {
            ClassEditor file = new ClassEditor(bytes);
            List<EntryPoint> matched = new ArrayList<>();
            for (EntryPoint entry : entries) {
                if (entry.call() != null) {
                    if (!weaveCalls(entry, file, matched)) {
                        return null;
                    }
                    continue;
                }
                byte[] name = entry.method().getBytes(StandardCharsets.US_ASCII);
                for (int method = 0; method < file.methodCount(); method++) {
                    if (!file.hasName(method, name)) {
                        continue;
                    }
                    String descriptor = file.descriptor(method);
                    if (!entry.matches(entry.method(), descriptor)) {
                        continue;
                    }
                    HookTemplate template =
                            templates.get(key(entry, descriptor, Modifier.isStatic(file.accessFlags(method))));
                    if (template == null || !new MovedBody(file, method, template).exchange()) {
                        return null;
                    }
                    matched.add(entry);
                }
            }
            return new WeavingResult(file.toBytes(), matched);
        } catch (IndexOutOfBoundsException e) {
            // More constants, code or variables than a class file can have; Byte Buddy says which.
            return null;
        }
    }

    private static boolean weaveCalls(EntryPoint entry, ClassEditor file, List<EntryPoint> matched) {
        LibraryCall call = entry.call();
        int called = file.calledMethod(call.owner(), call.method(), call.parameters());
        for (int method = 0; called != 0 && method < file.methodCount(); method++) {
            MovedBody body = new MovedBody(file, method, HookTemplate.empty());
            int calls = body.passArgumentsOf(call, called);
            if (calls > 0 && !body.exchange()) {
                return false;
            }
            for (; calls > 0; calls--) {
                matched.add(entry);
            }
        }
        return true;
    }
}
