// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.format.ByteWriter;
import io.cloacina.guard.agent.format.ClassEditor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Makes the {@link HookTemplate}s, in the build: has Byte Buddy instrument a method with the descriptor of each row whose
 * body is a few marks, and cuts these out of the result.
 */
public final class HookTemplateMaker {

    /** Of the pack. */
    public static final String FILE = HookTemplate.FILE;

    /** Of the constructors of {@code URLClassLoader}, in 17 to 25. */
    private static final List<String> CONSTRUCTORS = List.of(
            "([Ljava/net/URL;)V",
            "([Ljava/net/URL;Ljava/security/AccessControlContext;)V",
            "([Ljava/net/URL;Ljava/lang/ClassLoader;)V",
            "([Ljava/net/URL;Ljava/lang/ClassLoader;Ljava/security/AccessControlContext;)V",
            "([Ljava/net/URL;Ljava/lang/ClassLoader;Ljava/net/URLStreamHandlerFactory;)V",
            "(Ljava/lang/String;[Ljava/net/URL;Ljava/lang/ClassLoader;)V",
            "(Ljava/lang/String;[Ljava/net/URL;Ljava/lang/ClassLoader;Ljava/security/AccessControlContext;)V",
            "(Ljava/lang/String;[Ljava/net/URL;Ljava/lang/ClassLoader;Ljava/net/URLStreamHandlerFactory;)V");

    /** That advices read, by their class and name. */
    private static final Map<String, String> FIELDS = Map.of(
            "java/net/URLClassLoader.ucp", "Ljdk/internal/loader/URLClassPath;",
            "jdk/internal/loader/URLClassPath$FileLoader.dir", "Ljava/io/File;",
            "jdk/internal/module/ModuleReferences$ExplodedModuleReader.dir", "Ljava/nio/file/Path;",
            "jdk/nio/zipfs/ZipFileSystem.zfpath", "Ljava/nio/file/Path;");

    private final EntryPoint entry;
    private final String owner;
    private final String descriptor;
    private final boolean isStatic;

    private final NotedMethod noted = new NotedMethod();
    private final HookTemplate made = new HookTemplate();
    private int bodyBegin;
    private int bodyEnd;

    private HookTemplateMaker(EntryPoint entry, String descriptor, boolean isStatic) {
        this.entry = entry;
        this.owner = entry.className().replace('.', '/');
        this.descriptor = descriptor;
        this.isStatic = isStatic;
    }

    /** All templates, as {@link HookWeaving} reads them. */
    public static byte[] all() {
        TreeMap<String, HookTemplate> templates = new TreeMap<>();
        for (EntryPoint entry : EntryPoint.values()) {
            if (entry.call() == null) {
                for (String descriptor : entry.isForAnyDescriptor() ? CONSTRUCTORS : List.of(entry.descriptor())) {
                    int before = templates.size();
                    for (boolean isStatic : new boolean[] {false, true}) {
                        if (isStatic && (entry.method().equals("<init>") || descriptor.startsWith("()"))) {
                            continue;
                        }
                        try {
                            templates.put(
                                    HookWeaving.key(entry, descriptor, isStatic),
                                    new HookTemplateMaker(entry, descriptor, isStatic).make());
                        } catch (IllegalStateException e) {
                            // What the advice asks for, a static method has not, or no method of an object.
                            if (isStatic && templates.size() == before) {
                                throw e;
                            }
                        }
                    }
                }
            }
        }
        ByteWriter all = new ByteWriter(65536);
        all.u2(templates.size());
        for (Map.Entry<String, HookTemplate> one : templates.entrySet()) {
            HookTemplate.text(all, one.getKey());
            ByteWriter template = new ByteWriter(1024);
            one.getValue().write(template);
            all.u2(template.size());
            all.bytes(template);
        }
        return all.toBytes();
    }

    private byte[] marked() {
        ClassWriter writer = new ClassWriter(0);
        String parent = owner.equals("java/net/URLClassLoader") ? "java/lang/ClassLoader" : "java/lang/Object";
        writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, owner, null, parent, null);
        for (Map.Entry<String, String> field : FIELDS.entrySet()) {
            if (field.getKey().startsWith(owner + ".")) {
                writer.visitField(
                                Opcodes.ACC_PRIVATE,
                                field.getKey().substring(owner.length() + 1),
                                field.getValue(),
                                null,
                                null)
                        .visitEnd();
            }
        }
        MethodVisitor method = writer.visitMethod(
                Opcodes.ACC_PUBLIC | (isStatic ? Opcodes.ACC_STATIC : 0), entry.method(), descriptor, null, null);
        method.visitCode();
        Label first = new Label();
        method.visitLabel(first);
        method.visitLineNumber(1, first);
        method.visitLdcInsn(NotedMethod.MARK);
        method.visitInsn(Opcodes.POP);
        Type argument = isStatic ? Type.getArgumentTypes(descriptor)[0] : Type.getObjectType(owner);
        method.visitVarInsn(argument.getOpcode(Opcodes.ILOAD), 0);
        if (entry.method().equals("<init>")) {
            method.visitMethodInsn(Opcodes.INVOKESPECIAL, parent, "<init>", "()V", false);
        } else {
            method.visitInsn(Opcodes.POP);
        }
        method.visitInsn(Opcodes.ICONST_0);
        method.visitVarInsn(Opcodes.ISTORE, arguments());
        Type result = Type.getReturnType(descriptor);
        if (result.getSort() == Type.OBJECT || result.getSort() == Type.ARRAY) {
            method.visitInsn(Opcodes.ACONST_NULL);
        } else if (result.getSort() != Type.VOID) {
            method.visitInsn(Opcodes.ICONST_0);
        }
        method.visitInsn(result.getOpcode(Opcodes.IRETURN));
        method.visitMaxs(1, arguments() + 1);
        method.visitEnd();
        writer.visitEnd();
        return writer.toByteArray();
    }

    private int arguments() {
        return (Type.getArgumentsAndReturnSizes(descriptor) >> 2) - (isStatic ? 1 : 0);
    }

    private HookTemplate make() {
        byte[] woven =
                Weaving.weave(entry.className(), List.of(entry), marked()).bytes();
        ClassReader reader = OpenedClassReader.of(woven);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(noted.in(writer), ClassReader.EXPAND_FRAMES);
        ClassEditor file = new ClassEditor(writer.toByteArray());
        int method = 0;
        while (!file.hasName(method, entry.method().getBytes(StandardCharsets.US_ASCII))) {
            method++;
        }
        int code = file.attribute(file.attributes(method), "Code".getBytes(StandardCharsets.US_ASCII)) + 14;
        cut(Arrays.copyOfRange(file.bytes(), code, code + file.u4(code - 4)));
        return made;
    }

    private void cut(byte[] code) {
        if (noted.begin == null) {
            throw new IllegalArgumentException(entry + ": the body is not there");
        }
        bodyBegin = noted.begin.getOffset();
        List<int[]> own = new ArrayList<>();
        for (int i = 0; i < noted.variables.size(); i++) {
            if (noted.variablePlaces.get(i).getOffset() > bodyBegin && own.size() < 2) {
                own.add(noted.variables.get(i));
            }
        }
        made.argumentShift = own.get(0)[0];
        made.localShift = own.get(1)[0] - arguments();
        // Behind the mark and what it is dropped with: the store, and what is returned.
        int at = storeEnd(code);
        at += Type.getReturnType(descriptor).getSort() == Type.VOID ? 0 : 1;
        made.returnsToEnd = (code[at] & 0xff) == Opcodes.GOTO;
        bodyEnd = at + (made.returnsToEnd ? 3 : 1);
        boolean ends = bodyEnd == code.length;
        if (made.returnsToEnd == ends
                || made.returnsToEnd && at + (short) ((code[at + 1] & 0xff) << 8 | code[at + 2] & 0xff) != bodyEnd) {
            throw new IllegalArgumentException(entry + ": the body does not end as it should");
        }
        made.before = Arrays.copyOf(code, bodyBegin);
        made.behind = Arrays.copyOfRange(code, bodyEnd, code.length);
        made.maxStack = noted.maxStack;
        made.maxLocals = noted.maxLocals;
        made.beginsWithLine = bodyBegin > 0 && ((Label) noted.lines.get(0)[0]).getOffset() == 0;
        made.uses = uses();
        made.longBranches = longBranches();
        made.handlers = handlers();
        fixLongBranches();
        frames();
    }

    private int storeEnd(byte[] code) {
        for (int i = 0; i < noted.variables.size(); i++) {
            int place = noted.variablePlaces.get(i).getOffset();
            if (place > bodyBegin && noted.variables.get(i)[1] == Opcodes.ISTORE) {
                int opcode = code[place] & 0xff;
                return place + (opcode == Opcodes.ISTORE ? 2 : 1);
            }
        }
        throw new IllegalArgumentException(entry + ": the body is not there");
    }

    private boolean isInBody(int offset) {
        return offset >= bodyBegin && offset < bodyEnd;
    }

    private int place(int offset) {
        if (offset > bodyBegin && offset < bodyEnd) {
            throw new IllegalArgumentException(entry + ": [" + offset + "] is in the body");
        }
        return offset >= bodyEnd ? (offset - bodyEnd) << 1 | 1 : offset << 1;
    }

    private int constant(String... texts) {
        for (int i = 0; i < made.constants.size(); i++) {
            if (Arrays.equals(made.constants.get(i), texts)) {
                return i;
            }
        }
        made.constants.add(texts);
        return made.constants.size() - 1;
    }

    private static int[] numbers(List<Integer> numbers) {
        int[] all = new int[numbers.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = numbers.get(i);
        }
        return all;
    }

    private int[] uses() {
        List<Integer> all = new ArrayList<>();
        for (Object[] one : noted.constants) {
            int offset = ((Label) one[0]).getOffset();
            if (!isInBody(offset)) {
                all.add(place(offset + 1));
                all.add(constant((String[]) one[1]));
            }
        }
        return numbers(all);
    }

    private int[] longBranches() {
        List<Integer> all = new ArrayList<>();
        for (Label[] one : noted.branches) {
            int from = one[0].getOffset();
            int to = one[1].getOffset();
            if (!isInBody(from) && (from < bodyBegin) != (to <= bodyBegin)) {
                all.add(place(from));
            }
        }
        return numbers(all);
    }

    /** As if the body were empty. */
    private void fixLongBranches() {
        for (int place : made.longBranches) {
            byte[] part = (place & 1) == 0 ? made.before : made.behind;
            int at = (place >> 1) + 1;
            int offset = (short) ((part[at] & 0xff) << 8 | part[at + 1] & 0xff);
            offset += (place & 1) == 0 ? bodyBegin - bodyEnd : bodyEnd - bodyBegin;
            part[at] = (byte) (offset >> 8);
            part[at + 1] = (byte) offset;
        }
    }

    private int[] handlers() {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < noted.handlers.size(); i++) {
            for (Label label : noted.handlers.get(i)) {
                all.add(place(label.getOffset()));
            }
            String type = noted.handlerTypes.get(i);
            all.add(type == null ? 0 : 1 + constant(String.valueOf(ClassEditor.CLASS), type));
        }
        return numbers(all);
    }

    private void frames() {
        int[][] all = new int[noted.frames.size()][];
        made.prefix = new int[0];
        for (int i = 0; i < all.length; i++) {
            Object[] one = noted.frames.get(i);
            int offset = ((Label) one[0]).getOffset();
            List<Integer> numbers = new ArrayList<>(List.of(place(offset), ((Object[]) one[1]).length));
            types(numbers, (Object[]) one[1]);
            types(numbers, (Object[]) one[2]);
            all[i] = numbers(numbers);
            if (offset <= bodyBegin && made.argumentShift > 0) {
                made.prefix = prefix((Object[]) one[1]);
            }
        }
        made.frames = all;
    }

    private int[] prefix(Object[] locals) {
        List<Integer> all = new ArrayList<>();
        int slots = 0;
        for (int i = 0; i < locals.length && slots < made.argumentShift; i++) {
            types(all, new Object[] {locals[i]});
            slots += locals[i] == Opcodes.LONG || locals[i] == Opcodes.DOUBLE ? 2 : 1;
        }
        return numbers(all);
    }

    private void types(List<Integer> numbers, Object[] types) {
        for (Object type : types) {
            if (type instanceof String name) {
                numbers.add(7);
                numbers.add(constant(String.valueOf(ClassEditor.CLASS), name));
            } else {
                numbers.add((Integer) type);
                numbers.add(0);
            }
        }
    }
}
