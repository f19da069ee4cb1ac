namespace Broker.TestSupport;

/// <summary>A fact over the shared fixtures: reported as left out, with the reason, in a clone that has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FixtureFactAttribute : FactAttribute
{
    public FixtureFactAttribute()
    {
        if (!Fixtures.Present) Skip = Fixtures.Absent;
    }
}

/// <summary>
/// A theory over the shared fixtures: reported as left out, with the reason, in a clone that has none.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FixtureTheoryAttribute : TheoryAttribute
{
    public FixtureTheoryAttribute()
    {
        if (!Fixtures.Present) Skip = Fixtures.Absent;
    }
}
