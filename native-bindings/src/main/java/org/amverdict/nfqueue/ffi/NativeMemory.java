package org.amverdict.nfqueue.ffi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * A zeroed block of memory outside the heap, with an address for C. Fixed size, freed by the collector when nothing
 * refers to it: code that hands out the address must keep this object reachable until C is done with it ({@link
 * #keepReachable()}). Not thread-safe.
 */
public final class NativeMemory {
    private final ByteBuffer owner;
    private final ByteBuf bytes;
    private final long address;

    /** @param capacityBytes size, at least 1 */
    public NativeMemory(final int capacityBytes) {
        if (capacityBytes < 1) {
            throw new IllegalArgumentException("capacityBytes is " + capacityBytes + ", want at least 1");
        }
        owner = ByteBuffer.allocateDirect(capacityBytes);
        bytes = Unpooled.wrappedBuffer(owner);
        // Not ByteBuf.memoryAddress(): Netty has none when sun.misc.Unsafe is off, which JDK 24 and later make the
        // rule.
        address =
                Pointer.wrap(Runtime.getRuntime(NativeLibraries.libC()), owner).address();
    }

    /** The bytes, by absolute index from 0 to capacity; writer index at the capacity. */
    public ByteBuf bytes() {
        return bytes;
    }

    public long address() {
        return address;
    }

    public int capacity() {
        return owner.capacity();
    }

    /** Call after a native call that used the address, so that the memory is not freed during it. */
    @SuppressWarnings("ReachabilityFenceUsage") // the protected region is the caller's
    public void keepReachable() {
        Reference.reachabilityFence(owner);
    }

    /** Returns the C library's unused memory to the kernel; takes some milliseconds. */
    public static void trim() {
        NativeLibraries.libC().malloc_trim(0);
    }
}
