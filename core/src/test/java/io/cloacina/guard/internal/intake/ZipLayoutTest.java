// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives of one entry, byte by byte, whose header where it lies and whose central directory need not agree. */
class ZipLayoutTest {

    private static final String NAME = "lib/inner.jar";
    private static final byte[] CONTENT = "an inner archive, an inner archive".getBytes(StandardCharsets.UTF_8);
    private static final int IN_EXTRA = -1;

    @TempDir
    Path directory;

    private int method;
    private int flags;
    private byte[] data;
    private byte[] descriptor = {};
    private final Header local = new Header();
    private final Header central = new Header();

    /** What both headers of an entry say. */
    private static final class Header {
        private int crc;
        private int bytes;
        private int size;
        private byte[] extra = {};

        void write(ByteBuffer to) {
            to.putInt(crc).putInt(bytes).putInt(size);
            to.putShort((short) NAME.length()).putShort((short) extra.length);
        }
    }

    @BeforeEach
    void store() {
        data = CONTENT;
        describe(local);
        describe(central);
    }

    private void describe(Header header) {
        CRC32 crc = new CRC32();
        crc.update(CONTENT);
        header.crc = (int) crc.getValue();
        header.bytes = data.length;
        header.size = CONTENT.length;
    }

    /** As a stream is written: what the header does not know stands behind the data. */
    private void deflateWithDescriptor() {
        deflate();
        flags = 8;
        local.crc = 0;
        local.bytes = 0;
        local.size = 0;
        descriptor = numbers(0x08074b50, central.crc, central.bytes, central.size);
    }

    private void deflate() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try (DeflaterOutputStream stream = new DeflaterOutputStream(out, deflater)) {
            stream.write(CONTENT);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        deflater.end();
        data = out.toByteArray();
        method = 8;
        describe(local);
        describe(central);
    }

    private static byte[] numbers(int... numbers) {
        ByteBuffer all = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : numbers) {
            all.putInt(number);
        }
        return all.array();
    }

    private static byte[] zip64(long... numbers) {
        ByteBuffer all = ByteBuffer.allocate(4 + 8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        all.putShort((short) 1).putShort((short) (8 * numbers.length));
        for (long number : numbers) {
            all.putLong(number);
        }
        return all.array();
    }

    private static byte[] unicodePath(String name) {
        CRC32 crc = new CRC32();
        crc.update(NAME.getBytes(StandardCharsets.UTF_8));
        ByteBuffer all = ByteBuffer.allocate(9 + name.length()).order(ByteOrder.LITTLE_ENDIAN);
        all.putShort((short) 0x7075).putShort((short) (5 + name.length()));
        all.put((byte) 1).putInt((int) crc.getValue()).put(name.getBytes(StandardCharsets.UTF_8));
        return all.array();
    }

    private Path archive() throws IOException {
        byte[] name = NAME.getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(2_000).order(ByteOrder.LITTLE_ENDIAN);
        all.putInt(0x04034b50).putShort((short) 20).putShort((short) flags);
        all.putShort((short) method).putInt(0);
        local.write(all);
        all.put(name).put(local.extra).put(data).put(descriptor);
        int begin = all.position();
        all.putInt(0x02014b50).putShort((short) 20).putShort((short) 20).putShort((short) flags);
        all.putShort((short) method).putInt(0);
        central.write(all);
        all.putShort((short) 0).putInt(0).putInt(0).putInt(0).put(name).put(central.extra);
        int size = all.position() - begin;
        all.putInt(0x06054b50).putInt(0).putShort((short) 1).putShort((short) 1);
        all.putInt(size).putInt(begin).putShort((short) 0);
        return Files.write(directory.resolve("a.zip"), Arrays.copyOf(all.array(), all.position()));
    }

    private void assertGood() throws Exception {
        ZipLayout.require(archive(), "a.zip");
        try (ZipFile zip = new ZipFile(archive().toFile())) {
            assertEquals(1, zip.size());
        }
    }

    private void assertRefused(Reason reason, String says) throws Exception {
        Path archive = archive();
        IntakeRefusedException refused =
                assertThrows(IntakeRefusedException.class, () -> ZipLayout.require(archive, "a.zip"));
        assertEquals(reason, refused.reason(), refused.getMessage());
        assertTrue(refused.getMessage().contains(says), refused.getMessage());
    }

    @Test
    void headers_thatAgree_areGood() throws Exception {
        assertGood();
        deflate();
        assertGood();
        deflateWithDescriptor();
        assertGood();
        descriptor = numbers(central.crc, central.bytes, central.size);
        assertGood();
        descriptor = numbers(0x08074b50, central.crc, central.bytes, 0, central.size, 0);
        assertGood();
    }

    @ParameterizedTest
    @CsvSource({"true, 0, 1, 1", "true, 1, 0, 1", "true, 1, 1, 0", "true, 0, 1, 0", "false, 0, 0, 0", "false, 1, 1, 0"})
    void header_whereTheEntryLies_ofAnotherSizeOrChecksum_isRefused(boolean stored, int crc, int bytes, int size)
            throws Exception {
        if (!stored) {
            deflate();
        }
        local.crc *= crc;
        local.bytes *= bytes;
        local.size *= size;

        assertRefused(Reason.UNSIGNED_CONTENT, "of two sizes or checksums");
    }

    @Test
    void header_withSizesInItsExtraField_isReadThere() throws Exception {
        local.bytes = IN_EXTRA;
        local.size = IN_EXTRA;
        local.extra = zip64(CONTENT.length, CONTENT.length);
        assertGood();

        local.extra = zip64(CONTENT.length, 0);
        assertRefused(Reason.UNSIGNED_CONTENT, "of two sizes or checksums");
        local.extra = PgpMaker.join(zip64(CONTENT.length, CONTENT.length), zip64(CONTENT.length, CONTENT.length));
        assertRefused(Reason.UNSIGNED_CONTENT, "of two sizes");
        local.extra = zip64(CONTENT.length);
        assertRefused(Reason.MALFORMED_EVIDENCE, "whose sizes are damaged");
        local.extra = new byte[0];
        assertRefused(Reason.MALFORMED_EVIDENCE, "whose sizes are damaged");
    }

    @Test
    void header_beforeADescriptor_saysNothingOrTheSame() throws Exception {
        deflateWithDescriptor();
        describe(local);
        assertGood();
        local.bytes = IN_EXTRA;
        local.size = IN_EXTRA;
        local.crc = 0;
        local.extra = zip64(0, 0);
        ZipLayout.require(archive(), "a.zip");
        local.extra = zip64(7, 0);
        assertRefused(Reason.UNSIGNED_CONTENT, "of two sizes or checksums");
    }

    @Test
    void descriptor_thatSaysAnotherThing_isRefused() throws Exception {
        deflateWithDescriptor();
        for (int i = 0; i < descriptor.length; i++) {
            descriptor[i] ^= 1;
            assertRefused(Reason.UNSIGNED_CONTENT, "of two sizes");
            descriptor[i] ^= 1;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, -4_294_967_295L})
    void sizes_belowZero_areRefused(long size) throws Exception {
        for (int deflated = 0; deflated < 2; deflated++) {
            for (long[] sizes : new long[][] {{size, size}, {size, CONTENT.length}, {CONTENT.length, size}}) {
                method = 8 * deflated;
                central.bytes = IN_EXTRA;
                central.size = IN_EXTRA;
                central.extra = zip64(sizes);
                assertRefused(Reason.MALFORMED_EVIDENCE, "whose sizes are damaged");
            }
        }
    }

    @Test
    void sizes_ofNoArchive_areRefusedWhateverTheyAre() throws Exception {
        for (long size : new long[] {Long.MAX_VALUE, Integer.MAX_VALUE, 1L << 32, (1L << 32) - 1}) {
            central.bytes = IN_EXTRA;
            central.size = IN_EXTRA;
            central.extra = zip64(size, size);
            assertRefused(Reason.UNSIGNED_CONTENT, "belong to no entry");
        }
    }

    @Test
    void name_inAnExtraField_isRefusedIfItIsAnother() throws Exception {
        local.extra = unicodePath(NAME);
        central.extra = unicodePath(NAME);
        assertGood();

        local.extra = unicodePath("lib/other.jar");
        assertRefused(Reason.UNSIGNED_CONTENT, "two names for the entry [lib/inner.jar]");
        local.extra = new byte[0];
        // Also behind another field.
        central.extra = PgpMaker.join(numbers(0x0000cafe), unicodePath("lib/other.jar"));
        assertRefused(Reason.UNSIGNED_CONTENT, "two names for the entry [lib/inner.jar]");
        central.extra = numbers(0x00007075);
        assertRefused(Reason.UNSIGNED_CONTENT, "two names for the entry [lib/inner.jar]");
    }

    @Test
    void archive_ofTheJdk_isGood() throws Exception {
        Path archive = directory.resolve("jdk.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry("a"));
            zip.write(CONTENT);
            zip.closeEntry();
            ZipEntry stored = new ZipEntry("b");
            stored.setMethod(ZipEntry.STORED);
            stored.setSize(CONTENT.length);
            stored.setCrc(Integer.toUnsignedLong(central.crc));
            zip.putNextEntry(stored);
            zip.write(CONTENT);
            zip.closeEntry();
            zip.putNextEntry(new ZipEntry("c/"));
        }

        ZipLayout.require(archive, "jdk.zip");
    }
}
