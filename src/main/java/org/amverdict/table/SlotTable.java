package org.amverdict.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The hash table under all others: records of longs (key words, then value words) in one array, found through chains of
 * bounded length, everything preallocated.
 *
 * <p>{@link #find} is lock-free and may be called by any thread: it walks the chain without a lock and checks the
 * stripe's version before and after, as a seqlock reader does. Everything named {@code …Locked} must be called between
 * {@link #lock} and {@link #unlock} of that hash; a thread holds one stripe at a time, for some tens of nanoseconds.
 *
 * <p>Every record has two value words in common: {@link #DEADLINE} and {@link #META}.
 *
 * <p>The hash and its multipliers are seeded, so that no host on the wire can choose keys that share a chain.
 */
public final class SlotTable {
    /** No table holds more records. */
    public static final int CAPACITY_MAX = 1 << 24;
    /** No such record, or no room. */
    public static final int NONE = -1;

    /** Value word: when the record ends, in the nanoseconds of the caller's clock. */
    public static final int DEADLINE = 0;
    /** Value word: flags of the table that owns the record. */
    public static final int META = 1;

    private static final VarHandle LONG = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle INT = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle FREE_HEAD;
    private static final VarHandle SIZE;

    static {
        try {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            FREE_HEAD = lookup.findVarHandle(SlotTable.class, "freeHead", long.class);
            SIZE = lookup.findVarHandle(SlotTable.class, "size", int.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Longest chain; with a seeded hash and twice as many buckets as records, chance never reaches it. */
    private static final int CHAIN_MAX = 64;

    private static final int STRIPES_MAX = 4096;
    private static final int OPTIMISTIC_TRIES_MAX = 16;
    private static final int SPINS_BEFORE_YIELD = 200;
    private static final int FREE = -2;
    /** Word of a free slot that names the next free one: in the key, with its cache line at hand when a record goes. */
    private static final int NEXT_FREE = 0;

    private static final long LOW_INT = 0xFFFF_FFFFL;
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    private final int keyWords;
    private final int stride;
    private final int capacity;
    private final long seed;
    private final long[] secrets;
    private final long[] words;
    /** Next slot of the chain, NONE at its end, FREE if the slot holds no record. */
    private final int[] next;

    private final int[] heads;
    private final int[] versions;

    /** Free slots as a stack: a change count in the upper half guards against ABA. */
    @SuppressWarnings("unused") // through FREE_HEAD
    private volatile long freeHead;

    @SuppressWarnings("unused") // through SIZE
    private volatile int size;

    /**
     * @param keyWords words in a key
     * @param valueWords words in a value, the two common ones included
     * @param capacity most records
     * @param seed of the hash; secret from hosts on the wire
     */
    public SlotTable(final int keyWords, final int valueWords, final int capacity, final long seed) {
        if (capacity < 1 || capacity > CAPACITY_MAX) {
            throw new IllegalArgumentException("capacity must be 1 to " + CAPACITY_MAX + ", is " + capacity);
        }
        this.keyWords = keyWords;
        this.stride = keyWords + valueWords;
        this.capacity = capacity;
        this.seed = seed;
        secrets = secretsOf(seed, keyWords);
        words = new long[Math.multiplyExact(capacity, stride)];
        next = new int[capacity];
        Arrays.fill(next, FREE);
        for (int i = 0; i < capacity; i++) {
            words[i * stride + NEXT_FREE] = i + 1 < capacity ? i + 1 : NONE;
        }
        final int buckets = Integer.highestOneBit(Math.max(2, capacity) * 2 - 1) * 2;
        heads = new int[buckets];
        Arrays.fill(heads, NONE);
        versions = new int[Math.min(buckets, STRIPES_MAX)];
    }

    /** One per word and one more. Odd and, like the seed, secret: with known ones, colliding keys are easy to find. */
    private static long[] secretsOf(final long seed, final int words) {
        final long[] secrets = new long[words + 1];
        for (int i = 0; i < secrets.length; i++) {
            final long mixed = (seed + i * MIX ^ seed >>> 31) * MIX;
            secrets[i] = (mixed ^ mixed >>> 29) * MIX | 1;
        }
        return secrets;
    }

    public long hash(final long[] key) {
        return hashAt(key, 0);
    }

    /** Hash of the key of a record. */
    public long hashOf(final int slot) {
        return hashAt(words, slot * stride);
    }

    private long hashAt(final long[] array, final int at) {
        // Words are multiplied in pairs: the products do not wait for each other, as they would in a chain.
        long hash = seed;
        final int paired = keyWords & ~1;
        for (int i = 0; i < paired; i += 2) {
            hash ^= folded(array[at + i] ^ secrets[i], array[at + i + 1] ^ secrets[i + 1]);
        }
        final long last = paired == keyWords ? 0 : array[at + paired];
        return folded(hash ^ last, secrets[paired]);
    }

    /** Both halves of the product: in the lower half alone, changed top bits change only top bits. */
    private static long folded(final long one, final long other) {
        return one * other ^ Math.multiplyHigh(one, other);
    }

    private int bucket(final long hash) {
        return (int) hash & heads.length - 1;
    }

    private int stripe(final long hash) {
        return (int) hash & versions.length - 1;
    }

    /**
     * The record with that key, or NONE. Lock-free; the record can be gone, or another's, as soon as this returns, so
     * a caller that acts on it must lock and look again.
     */
    public int find(final long[] key, final long hash) {
        final int stripe = stripe(hash);
        for (int i = 0; i < OPTIMISTIC_TRIES_MAX; i++) {
            final int version = (int) INT.getAcquire(versions, stripe);
            if ((version & 1) == 0) {
                final int slot = walk(key, bucket(hash));
                if (unchanged(stripe, version)) {
                    return slot;
                }
            }
            Thread.onSpinWait();
        }
        lock(hash);
        try {
            return walk(key, bucket(hash));
        } finally {
            unlock(hash);
        }
    }

    /**
     * Copies the whole record with that key, key first, as it was at one moment. Lock-free, as {@link #find}.
     *
     * @return whether one exists; if not, the target is undefined
     */
    public boolean read(final long[] key, final long hash, final long[] target) {
        final int stripe = stripe(hash);
        for (int i = 0; i < OPTIMISTIC_TRIES_MAX; i++) {
            final int version = (int) INT.getAcquire(versions, stripe);
            if ((version & 1) == 0) {
                final boolean found = readLocked(key, hash, target);
                if (unchanged(stripe, version)) {
                    return found;
                }
            }
            Thread.onSpinWait();
        }
        lock(hash);
        try {
            return readLocked(key, hash, target);
        } finally {
            unlock(hash);
        }
    }

    private boolean readLocked(final long[] key, final long hash, final long[] target) {
        final int slot = walk(key, bucket(hash));
        if (slot != NONE) {
            copyRecord(slot, target);
        }
        return slot != NONE;
    }

    private boolean unchanged(final int stripe, final int version) {
        // Keeps what was read before the second look at the version, as in StampedLock.validate.
        VarHandle.acquireFence();
        return (int) INT.getOpaque(versions, stripe) == version;
    }

    public int findLocked(final long[] key, final long hash) {
        return walk(key, bucket(hash));
    }

    /** Bounded, since a reader without a lock may walk a chain that is being rewritten. */
    private int walk(final long[] key, final int bucket) {
        int slot = (int) INT.getOpaque(heads, bucket);
        for (int steps = 0; slot >= 0 && steps < CHAIN_MAX; steps++) {
            if (matches(key, slot * stride)) {
                return slot;
            }
            slot = (int) INT.getOpaque(next, slot);
        }
        return NONE;
    }

    private boolean matches(final long[] key, final int at) {
        for (int i = 0; i < keyWords; i++) {
            if (words[at + i] != key[i]) {
                return false;
            }
        }
        return true;
    }

    /** Takes the stripe of this hash. Never blocks in the kernel; yields when its holder does not run. */
    @SuppressWarnings("ThreadPriorityCheck") // only a courtesy to a holder that lost its core; nothing relies on it
    public void lock(final long hash) {
        final int stripe = stripe(hash);
        int spins = 0;
        while (true) {
            final int version = (int) INT.getOpaque(versions, stripe);
            if ((version & 1) == 0 && INT.compareAndSet(versions, stripe, version, version + 1)) {
                // No reader may combine words written under the lock with the earlier version, see StampedLock.
                VarHandle.storeStoreFence();
                return;
            }
            spins++;
            if (spins % SPINS_BEFORE_YIELD == 0) {
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    public void unlock(final long hash) {
        final int stripe = stripe(hash);
        INT.setRelease(versions, stripe, (int) INT.getOpaque(versions, stripe) + 1);
    }

    /** A new record with that key and all its values 0, or NONE if there is no room. The key must not be there yet. */
    public int insertLocked(final long[] key, final long hash) {
        return insertLocked(key, hash, keyWords);
    }

    /** A new record of these words, key first, or NONE if there is no room. The key must not be there yet. */
    public int insertRecordLocked(final long[] record, final long hash) {
        return insertLocked(record, hash, stride);
    }

    /** @param given words of the record that are given; the rest are 0 */
    private int insertLocked(final long[] record, final long hash, final int given) {
        final int bucket = bucket(hash);
        if (chainLength(bucket) >= CHAIN_MAX) {
            return NONE;
        }
        final int slot = takeFree();
        if (slot == NONE) {
            return NONE;
        }
        final int at = slot * stride;
        System.arraycopy(record, 0, words, at, given);
        Arrays.fill(words, at + given, at + stride, 0);
        // A thread that sees the slot live without the lock, see live(), must see its current owner.
        INT.setRelease(next, slot, heads[bucket]);
        INT.setOpaque(heads, bucket, slot);
        SIZE.getAndAdd(this, 1);
        return slot;
    }

    private int chainLength(final int bucket) {
        int length = 0;
        for (int slot = heads[bucket]; slot >= 0; slot = next[slot]) {
            length++;
        }
        return length;
    }

    public void removeLocked(final int slot, final long hash) {
        final int bucket = bucket(hash);
        if (heads[bucket] == slot) {
            INT.setOpaque(heads, bucket, next[slot]);
        } else {
            int before = heads[bucket];
            while (next[before] != slot) {
                before = next[before];
            }
            INT.setOpaque(next, before, next[slot]);
        }
        INT.setOpaque(next, slot, FREE);
        SIZE.getAndAdd(this, -1);
        putFree(slot);
    }

    /**
     * Removes what the slot holds, if anything.
     *
     * @param onlyIfExpired look at its deadline again, under the lock
     * @param record gets the whole record, key first
     * @return whether something was removed
     */
    public boolean removeSlot(final int slot, final boolean onlyIfExpired, final long nowNanos, final long[] record) {
        final long hash = hashOf(slot);
        lock(hash);
        try {
            if (!live(slot) || hashOf(slot) != hash || (onlyIfExpired && !expired(slot, nowNanos))) {
                return false;
            }
            takeOutLocked(slot, hash, record);
            return true;
        } finally {
            unlock(hash);
        }
    }

    /** Removes the record with that key, as {@link #removeSlot} does. */
    public boolean removeKey(final long[] key, final long hash, final long[] record) {
        lock(hash);
        try {
            final int slot = walk(key, bucket(hash));
            if (slot == NONE) {
                return false;
            }
            takeOutLocked(slot, hash, record);
            return true;
        } finally {
            unlock(hash);
        }
    }

    /** Removes a record and copies all of it, key first. */
    public void takeOutLocked(final int slot, final long hash, final long[] record) {
        copyRecord(slot, record);
        removeLocked(slot, hash);
    }

    private int takeFree() {
        while (true) {
            final long head = freeHead;
            final int slot = (int) head;
            if (slot == NONE) {
                return NONE;
            }
            // Is part of a key if another thread took the slot meanwhile; then the head has changed.
            final long following = (long) LONG.getOpaque(words, slot * stride + NEXT_FREE) & LOW_INT;
            if (FREE_HEAD.compareAndSet(this, head, changed(head) | following)) {
                return slot;
            }
        }
    }

    private void putFree(final int slot) {
        while (true) {
            final long head = freeHead;
            LONG.setOpaque(words, slot * stride + NEXT_FREE, head & LOW_INT);
            if (FREE_HEAD.compareAndSet(this, head, changed(head) | slot)) {
                return;
            }
        }
    }

    private static long changed(final long head) {
        return ((head >>> 32) + 1) << 32;
    }

    /** Whether the slot holds a record at this moment. */
    public boolean live(final int slot) {
        return (int) INT.getAcquire(next, slot) != FREE;
    }

    /** Longs in a record: key and values. */
    public int recordWords() {
        return stride;
    }

    /** Copies the whole record, key first; consistent while no thread writes or, except for sums, under its lock. */
    public void copyRecord(final int slot, final long[] target) {
        System.arraycopy(words, slot * stride, target, 0, stride);
    }

    /** Copies the whole record, key first, as of one moment; false if the slot holds none. Any thread, no lock. */
    public boolean copyLive(final int slot, final long[] target) {
        if (!live(slot)) {
            return false;
        }
        final long hash = hashOf(slot);
        lock(hash);
        try {
            if (!live(slot) || hashOf(slot) != hash) {
                return false;
            }
            copyRecord(slot, target);
            return true;
        } finally {
            unlock(hash);
        }
    }

    public int size() {
        return size;
    }

    public int capacity() {
        return capacity;
    }

    /** A word of the key of a record. */
    public long key(final int slot, final int word) {
        return words[slot * stride + word];
    }

    /** A word of the value of a record, counted from {@link #DEADLINE}. */
    public long value(final int slot, final int word) {
        return (long) LONG.getOpaque(words, slot * stride + keyWords + word);
    }

    public void setValue(final int slot, final int word, final long value) {
        LONG.setOpaque(words, slot * stride + keyWords + word, value);
    }

    /** Adds to a word of the value, atomically, and gives what it was before. */
    public long addToValue(final int slot, final int word, final long amount) {
        return (long) LONG.getAndAdd(words, slot * stride + keyWords + word, amount);
    }

    /** Whether the record's deadline has passed. */
    public boolean expired(final int slot, final long nowNanos) {
        return value(slot, DEADLINE) - nowNanos <= 0;
    }
}
