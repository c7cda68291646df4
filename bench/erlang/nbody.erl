%% Five bodies under gravity, a list of tuples made anew each step: Float arithmetic.
%% Bodies are {X, Y, Z, VX, VY, VZ, Mass}. The energy is printed in billionths, as an integer.
-module(nbody).
-export([main/0]).

-define(STEPS, 400000).
-define(PI, 3.141592653589793).
-define(SOLAR_MASS, (4.0 * ?PI * ?PI)).
-define(DAYS_PER_YEAR, 365.24).

bodies() ->
    [{0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ?SOLAR_MASS},
     {4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
      0.00166007664274403694 * ?DAYS_PER_YEAR, 0.00769901118419740425 * ?DAYS_PER_YEAR, -0.0000690460016972063023 * ?DAYS_PER_YEAR,
      0.000954791938424326609 * ?SOLAR_MASS},
     {8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
      -0.00276742510726411021 * ?DAYS_PER_YEAR, 0.00499852801234917238 * ?DAYS_PER_YEAR, 0.0000230417297573763929 * ?DAYS_PER_YEAR,
      0.000285885980666130812 * ?SOLAR_MASS},
     {12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
      0.00296460137564761618 * ?DAYS_PER_YEAR, 0.00237847173959480950 * ?DAYS_PER_YEAR, -0.0000296589568540237556 * ?DAYS_PER_YEAR,
      0.0000436624404335156298 * ?SOLAR_MASS},
     {15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
      0.00268067772490389322 * ?DAYS_PER_YEAR, 0.00162824170038242295 * ?DAYS_PER_YEAR, -0.0000951592254519715870 * ?DAYS_PER_YEAR,
      0.0000515138902046611451 * ?SOLAR_MASS}].

%% The sun moves so that the whole stands still.
offset_momentum([{X, Y, Z, _, _, _, Mass} | Planets]) ->
    {PX, PY, PZ} = momentum(Planets, 0.0, 0.0, 0.0),
    [{X, Y, Z, 0.0 - PX / ?SOLAR_MASS, 0.0 - PY / ?SOLAR_MASS, 0.0 - PZ / ?SOLAR_MASS, Mass} | Planets].

momentum([], PX, PY, PZ) -> {PX, PY, PZ};
momentum([{_, _, _, VX, VY, VZ, Mass} | Rest], PX, PY, PZ) ->
    momentum(Rest, PX + VX * Mass, PY + VY * Mass, PZ + VZ * Mass).

energy([], Sum) -> Sum;
energy([{X, Y, Z, VX, VY, VZ, Mass} | Rest], Sum) ->
    energy(Rest, Sum + 0.5 * Mass * (VX * VX + VY * VY + VZ * VZ) - potential(X, Y, Z, Mass, Rest, 0.0)).

potential(_, _, _, _, [], Sum) -> Sum;
potential(X, Y, Z, Mass, [{X2, Y2, Z2, _, _, _, Mass2} | Rest], Sum) ->
    DX = X - X2,
    DY = Y - Y2,
    DZ = Z - Z2,
    potential(X, Y, Z, Mass, Rest, Sum + Mass * Mass2 / math:sqrt(DX * DX + DY * DY + DZ * DZ)).

%% One step: every pair pulls once, then all move.
advance([], _) -> [];
advance([{X, Y, Z, VX, VY, VZ, Mass} | Rest], DT) ->
    {VX2, VY2, VZ2, Pulled} = pull(Rest, X, Y, Z, VX, VY, VZ, Mass, DT, []),
    [{X + DT * VX2, Y + DT * VY2, Z + DT * VZ2, VX2, VY2, VZ2, Mass} | advance(Pulled, DT)].

%% The velocity of one body after the pull of all behind it, and those after its pull.
pull([], _, _, _, VX, VY, VZ, _, _, Done) -> {VX, VY, VZ, lists:reverse(Done)};
pull([{X2, Y2, Z2, VX2, VY2, VZ2, Mass2} | Rest], X, Y, Z, VX, VY, VZ, Mass, DT, Done) ->
    DX = X - X2,
    DY = Y - Y2,
    DZ = Z - Z2,
    Squared = DX * DX + DY * DY + DZ * DZ,
    Mag = DT / (Squared * math:sqrt(Squared)),
    M1 = Mass * Mag,
    M2 = Mass2 * Mag,
    pull(Rest, X, Y, Z, VX - DX * M2, VY - DY * M2, VZ - DZ * M2, Mass, DT,
         [{X2, Y2, Z2, VX2 + DX * M1, VY2 + DY * M1, VZ2 + DZ * M1, Mass2} | Done]).

run(0, System) -> System;
run(N, System) -> run(N - 1, advance(System, 0.01)).

billionths(E) -> round(E * 1000000000.0).

main() ->
    Start = erlang:monotonic_time(microsecond),
    System = offset_momentum(bodies()),
    io:format("~b~n", [billionths(energy(System, 0.0))]),
    io:format("~b~n", [billionths(energy(run(?STEPS, System), 0.0))]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
