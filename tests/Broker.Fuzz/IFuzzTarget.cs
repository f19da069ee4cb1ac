namespace Broker.Fuzz;

/// <summary>One decoder of foreign bytes, and what must hold whatever it is given.</summary>
internal interface IFuzzTarget
{
    /// <summary>Short, for the command line and the report.</summary>
    string Name { get; }

    /// <summary>How many executions it gets for each one of the slowest target: fast decoders get many.</summary>
    int Weight { get; }

    /// <summary>Inputs that the decoder accepts, or nearly; mutation starts from them.</summary>
    IEnumerable<byte[]> Seeds();

    /// <summary>
    /// Decodes. Returning is right, whatever was decided; any exception is a finding. A property of accepted inputs
    /// that does not hold is thrown as <see cref="FuzzFindingException"/>.
    /// </summary>
    void Execute(byte[] input);

    /// <summary>The most bytes that decoding an input of this length may allocate.</summary>
    long AllocationBound(int inputLength);
}
