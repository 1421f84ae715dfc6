package org.amverdict;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Inputs back to back in one direct buffer, like the kernel's packets in a receive buffer. One thread. */
public final class Slab {
    private static final int ALIGNMENT = 8;

    private final ByteBuf bytes;
    private final int[] offsets;
    private final int[] lengths;
    private final Draw draw = new Draw(0);
    private int end;
    private int count;

    /**
     * @param entriesMax most inputs
     * @param bytesMax most bytes of all of them
     */
    public Slab(final int entriesMax, final int bytesMax) {
        bytes = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytesMax));
        offsets = new int[entriesMax];
        lengths = new int[entriesMax];
    }

    public void add(final String text) {
        add(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void add(final byte[] input) {
        bytes.setBytes(end, input);
        offsets[count] = end;
        lengths[count] = input.length;
        count++;
        end += input.length + ALIGNMENT - 1 & -ALIGNMENT;
    }

    public ByteBuf bytes() {
        return bytes;
    }

    public int offset(final int i) {
        return offsets[i];
    }

    public int length(final int i) {
        return lengths[i];
    }

    /** A random input. */
    public int some() {
        return draw.below(count);
    }
}
