using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using static System.Numerics.BitOperations;

namespace Broker.Cryptography;

/// <summary>
/// The Keccak-f[1600] sponge (FIPS 202 §3 and §4), fed piece by piece and squeezed once for a digest shorter than its
/// rate. Rate and padding are the caller's: 136 bytes with <c>0x01</c> make the original Keccak-256, with <c>0x06</c>
/// SHA3-256.
/// </summary>
internal struct KeccakSponge
{
    private const int LargestRateInBytes = 136;

    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
        0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    private readonly int _rateInBytes;
    private Lanes _lanes;
    private Block _pending;
    private int _pendingLength;

    /// <summary>At the rate of 256 bits.</summary>
    public KeccakSponge() : this(LargestRateInBytes)
    {
    }

    /// <param name="rateInBytes">200 less twice the digest's length; a multiple of 8, at most 136.</param>
    public KeccakSponge(int rateInBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rateInBytes, LargestRateInBytes);
        _rateInBytes = rateInBytes;
    }

    /// <summary>Takes in more of the message.</summary>
    public void Absorb(ReadOnlySpan<byte> piece)
    {
        var pending = ((Span<byte>)_pending)[.._rateInBytes];
        if (_pendingLength > 0)
        {
            var taken = Math.Min(piece.Length, _rateInBytes - _pendingLength);
            piece[..taken].CopyTo(pending[_pendingLength..]);
            piece = piece[taken..];
            _pendingLength += taken;
            if (_pendingLength < _rateInBytes) return;
            AbsorbBlock(pending);
        }

        for (; piece.Length >= _rateInBytes; piece = piece[_rateInBytes..]) AbsorbBlock(piece);
        piece.CopyTo(pending);
        _pendingLength = piece.Length;
    }

    /// <summary>
    /// Pads with <paramref name="padding"/> … <c>0x80</c> and fills <paramref name="digest"/>, a multiple of 8 bytes.
    /// </summary>
    public void Squeeze(byte padding, Span<byte> digest)
    {
        var last = ((Span<byte>)_pending)[.._rateInBytes];
        last[_pendingLength..].Clear();
        last[_pendingLength] = padding;
        last[^1] |= 0x80;
        AbsorbBlock(last);
        for (var lane = 0; lane < digest.Length / sizeof(ulong); lane++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(digest[(lane * sizeof(ulong))..], _lanes[lane]);
        }
    }

    private void AbsorbBlock(ReadOnlySpan<byte> block)
    {
        Span<ulong> lanes = _lanes;
        for (var lane = 0; lane < _rateInBytes / sizeof(ulong); lane++)
        {
            lanes[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(lane * sizeof(ulong))..]);
        }

        Permute();
    }

    /// <summary>24 rounds; two at a time, so that the lanes end where they began without being copied.</summary>
    private void Permute()
    {
        Unsafe.SkipInit(out Lanes other);
        for (var round = 0; round < RoundConstants.Length; round += 2)
        {
            Round(ref _lanes, ref other, RoundConstants[round]);
            Round(ref other, ref _lanes, RoundConstants[round + 1]);
        }
    }

    /// <summary>One round from <paramref name="a"/> into <paramref name="e"/>; lane (x, y) stands at 5y + x.</summary>
    private static void Round(ref Lanes a, ref Lanes e, ulong constant)
    {
        // θ: the parity of every column, and what each column is changed by.
        var c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
        var c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
        var c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
        var c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
        var c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
        var d0 = c4 ^ RotateLeft(c1, 1);
        var d1 = c0 ^ RotateLeft(c2, 1);
        var d2 = c1 ^ RotateLeft(c3, 1);
        var d3 = c2 ^ RotateLeft(c4, 1);
        var d4 = c3 ^ RotateLeft(c0, 1);

        // ρ and π choose and turn the lanes of each new plane; χ mixes them there; ι marks the round.
        Chi(ref e, 0, a[0] ^ d0, RotateLeft(a[6] ^ d1, 44), RotateLeft(a[12] ^ d2, 43),
            RotateLeft(a[18] ^ d3, 21), RotateLeft(a[24] ^ d4, 14));
        e[0] ^= constant;
        Chi(ref e, 5, RotateLeft(a[3] ^ d3, 28), RotateLeft(a[9] ^ d4, 20), RotateLeft(a[10] ^ d0, 3),
            RotateLeft(a[16] ^ d1, 45), RotateLeft(a[22] ^ d2, 61));
        Chi(ref e, 10, RotateLeft(a[1] ^ d1, 1), RotateLeft(a[7] ^ d2, 6), RotateLeft(a[13] ^ d3, 25),
            RotateLeft(a[19] ^ d4, 8), RotateLeft(a[20] ^ d0, 18));
        Chi(ref e, 15, RotateLeft(a[4] ^ d4, 27), RotateLeft(a[5] ^ d0, 36), RotateLeft(a[11] ^ d1, 10),
            RotateLeft(a[17] ^ d2, 15), RotateLeft(a[23] ^ d3, 56));
        Chi(ref e, 20, RotateLeft(a[2] ^ d2, 62), RotateLeft(a[8] ^ d3, 55), RotateLeft(a[14] ^ d4, 39),
            RotateLeft(a[15] ^ d0, 41), RotateLeft(a[21] ^ d1, 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Chi(ref Lanes e, int first, ulong b0, ulong b1, ulong b2, ulong b3, ulong b4)
    {
        e[first] = b0 ^ (~b1 & b2);
        e[first + 1] = b1 ^ (~b2 & b3);
        e[first + 2] = b2 ^ (~b3 & b4);
        e[first + 3] = b3 ^ (~b4 & b0);
        e[first + 4] = b4 ^ (~b0 & b1);
    }

    [InlineArray(25)]
    private struct Lanes
    {
        private ulong _lane;
    }

    [InlineArray(LargestRateInBytes)]
    private struct Block
    {
        private byte _byte;
    }
}
